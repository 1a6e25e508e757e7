"""What other producers have packed is read, whichever way, and a bomb stops nobody."""

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c
from confluent_kafka import Producer

from services.kit.codecs import LARGEST_UNPACKED
from services.kit.records import Record, Reject
from tests.integration.kit.scene import KafkaScene, handled, keys, numbered, running

pytestmark = pytest.mark.kafka
RECORDS = 500


async def send_packed(
    scene: KafkaScene, codec: str, values: list[bytes], headers: list[tuple[str, bytes]] | None = None
) -> None:
    """Send records to the first partition in one batch, as another producer would."""
    producer = AIOKafkaProducer(
        bootstrap_servers=scene.kafka.bootstrap_servers,
        compression_type=codec,
        max_batch_size=2 * LARGEST_UNPACKED,
        max_request_size=2 * LARGEST_UNPACKED,
    )
    async with producer:
        batch = producer.create_batch()
        for number, value in enumerate(values):
            batch.append(timestamp=None, key=b"%d" % number, value=value, headers=headers or [])
        await (await producer.send_batch(batch, scene.names.source, partition=0))


async def copied(
    bootstrap: str, codec: str, values: list[bytes], headers: list[tuple[str, bytes]] | None = None
) -> list[bytes | None]:
    """Return what becomes of a batch and of two records behind it, when they are copied."""
    scene = KafkaScene(bootstrap)
    await scene.make_topics()
    await send_packed(scene, codec, values, headers)
    await scene.send(scene.names.source, 0, numbered(2))
    async with running(scene, scene.names.copy):
        await handled(scene, len(values) + 2)
    return [record.value for record in await scene.read(scene.names.target)]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd", "none"])
def test_records_are_handled_whichever_way_another_client_packed_them(
    kafka_bootstrap: str, codec: str
) -> None:
    async def play() -> list[bytes | None]:
        scene = KafkaScene(kafka_bootstrap)
        await scene.make_topics()
        async with running(scene, scene.names.copy):
            librdkafka = Producer(
                {"bootstrap.servers": kafka_bootstrap, "compression.type": codec, "linger.ms": 50}
            )
            for number in range(RECORDS):
                librdkafka.produce(scene.names.source, b"an application", b"%d" % number, partition=0)
            assert librdkafka.flush(10) == 0
            await handled(scene, RECORDS)
        return keys(await scene.read(scene.names.target))

    assert asyncio.run(play()) == [b"%d" % number for number in range(RECORDS)]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_a_bomb_is_one_record_that_says_so_and_what_follows_is_handled(
    kafka_bootstrap: str, codec: str
) -> None:
    values = [b"before", bytes(LARGEST_UNPACKED)]
    instead, *rest = asyncio.run(copied(kafka_bootstrap, codec, values))
    assert instead is not None
    assert b"offsets 0 to 1 are left out" in instead
    assert rest == [b"value 0", b"value 1"]


@pytest.mark.parametrize(("headers", "told"), [(300_000, b"300000 headers"), (3_000_000, b"10000 headers")])
def test_a_bomb_of_headers_is_one_record_that_says_so_and_what_follows_is_handled(
    kafka_bootstrap: str, headers: int, told: bytes
) -> None:
    instead, *rest = asyncio.run(copied(kafka_bootstrap, "zstd", [b"bomb"], [("", b"")] * headers))
    assert instead is not None
    assert told in instead
    assert rest == [b"value 0", b"value 1"]


def test_records_behind_a_header_whose_name_is_not_text_are_handled(kafka_bootstrap: str) -> None:
    async def play() -> list[Record]:
        scene = KafkaScene(kafka_bootstrap)
        await scene.make_topics()
        producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
        async with producer:
            batch = producer.create_batch()
            for number in range(3):
                name = "xyz" if number == 1 else "plain"
                batch.append(timestamp=None, key=b"%d" % number, value=b"", headers=[(name, b"1")])
            batch._build = partial(renamed, batch._build)  # noqa: SLF001 - it has no name for it
            await (await producer.send_batch(batch, scene.names.source, partition=0))
        await scene.send(scene.names.source, 0, numbered(1, start=3))
        async with running(scene, scene.names.copy):
            await handled(scene, 4)
        return await scene.read(scene.names.target)

    assert keys(asyncio.run(play())) == [b"0", b"1", b"2", b"3"]


def renamed(build: Callable[[], bytes]) -> bytes:
    """Return a batch as some other producer writes it, with the sum that Kafka checks."""
    written = bytes(build())
    summed = written[21:].replace(b"xyz", b"x\xff\xfe")
    check: int = calc_crc32c(summed)
    return written[:17] + check.to_bytes(4, "big") + summed


def test_a_refused_record_with_headers_that_pack_well_for_others_becomes_a_dead_letter(
    kafka_bootstrap: str,
) -> None:
    def refuse(records: Sequence[Record]) -> list[Reject]:
        return [Reject("no") for _ in records]

    async def play() -> list[Record]:
        scene = KafkaScene(kafka_bootstrap)
        await scene.make_topics()
        text = random.Random(1).randbytes(5_000_000).hex().encode()
        await send_packed(scene, "zstd", [b"value"], [("large", text)])
        async with running(scene, refuse):
            await handled(scene, 1)
        return await scene.read(scene.names.dead)

    (letter,) = asyncio.run(play())
    assert letter.value == b"value"
    assert dict(letter.headers)["octroi_headers_left_out"] == b"1 of 10000005 bytes"
