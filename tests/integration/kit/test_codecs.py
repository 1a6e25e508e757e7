"""What other producers have packed is read, whichever way, and a bomb stops nobody."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from services.kit.codecs import LARGEST_UNPACKED
from tests.integration.kit.scene import KafkaScene, handled, keys, numbered, running

pytestmark = pytest.mark.kafka
RECORDS = 500


async def send_packed(scene: KafkaScene, codec: str, values: list[bytes]) -> None:
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
            batch.append(timestamp=None, key=b"%d" % number, value=value)
        await (await producer.send_batch(batch, scene.names.source, partition=0))


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
    async def play() -> list[bytes | None]:
        scene = KafkaScene(kafka_bootstrap)
        await scene.make_topics()
        await send_packed(scene, codec, [b"before", bytes(LARGEST_UNPACKED)])
        await scene.send(scene.names.source, 0, numbered(2))
        async with running(scene, scene.names.copy):
            await handled(scene, 4)
        return [record.value for record in await scene.read(scene.names.target)]

    instead, *rest = asyncio.run(play())
    assert instead is not None
    assert b"offsets 0 to 1 are left out" in instead
    assert rest == [b"value 0", b"value 1"]
