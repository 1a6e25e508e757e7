"""At least once: nothing is lost, and only what was sent and not committed comes twice."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.kit.errors import UnavailableError
from services.kit.records import Output, Partition, Record
from tests.integration.kit.load import load
from tests.integration.kit.process import service
from tests.integration.kit.scene import FAST, KafkaScene, handled, keys

pytestmark = pytest.mark.kafka
KILLS = 4
BATCH_RECORDS = 20
"""Of the service under test."""


async def test_a_service_that_is_killed_again_and_again(kafka: KafkaScene, tmp_path: Path) -> None:
    chance = random.Random(20_261_128)
    with service(kafka, tmp_path, OCTROI_STREAM_DELIVERY="at-least-once") as copying:
        async with load(kafka) as written:
            for _ in range(KILLS):
                await handled(kafka, await kafka.committed() + chance.randint(1, 400))
                copying.restart()
            await handled(kafka, await kafka.committed() + 1)
        await handled(kafka, written.each * kafka.partitions)
        assert await copying.terminate() == 0
    copies, letters = await kafka.read(kafka.names.target), await kafka.read(kafka.names.dead)
    for partition in range(kafka.partitions):
        assert _distinct(keys(copies, partition)) == written.keys(refused=False)
        assert _distinct(keys(letters, partition)) == written.keys(refused=True)
    delivered = len(copies) + len(letters)
    assert delivered - written.each * kafka.partitions <= KILLS * BATCH_RECORDS
    # No room is taken by the marks that a transaction leaves at its end.
    assert await _ends(kafka, kafka.names.target) == len(copies)


async def test_what_was_sent_and_not_committed_is_sent_again(kafka: KafkaScene) -> None:
    lane = Partition(kafka.names.source, 0)
    origin = Record(lane, 0, 0, b"key", b"value")
    outputs = {lane: Output(((origin, kafka.names.message(origin)),), (), 1, 1)}
    delivery = kafka.at_least_once(FAST)
    committed: list[Mapping[TopicPartition, int]] = []

    async def dies(_: object) -> None:
        raise UnavailableError("killed before the commit")

    async def commit(offsets: Mapping[TopicPartition, int]) -> None:
        committed.append(offsets)

    try:
        await delivery.own(lane)
        with pytest.raises(UnavailableError, match="killed"):
            await delivery.deliver(outputs, dies)
        await delivery.deliver(outputs, commit)
    finally:
        await delivery.close()
    assert keys(await kafka.read(kafka.names.target)) == [b"key", b"key"]
    assert committed == [{TopicPartition(*lane): 1}]


def _distinct(found: list[bytes | None]) -> list[bytes | None]:
    return sorted(set(found), key=lambda key: int(key or 0))


async def _ends(kafka: KafkaScene, topic: str) -> int:
    targets = [TopicPartition(topic, number) for number in range(kafka.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=kafka.kafka.bootstrap_servers) as consumer:
        return sum((await consumer.end_offsets(targets)).values())
