"""A turn takes so many bytes of all partitions together, and partitions go first by turns."""

import asyncio
from collections import Counter
from typing import Any

from aiokafka import AIOKafkaProducer

from services.kit.consumer import waiting_here
from services.kit.fetched import AT_ONCE
from services.kit.kafka import KafkaConnection
from tests.integration.kit.scene import FAST, KafkaScene
from tests.integration.kit.waiting import until

SIZE = 1024 * 1024
EACH = 200
"""Records of a partition: they pack so well that one answer has them all."""


async def fill(scene: KafkaScene) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=scene.kafka.bootstrap_servers, compression_type="lz4", max_batch_size=2 * SIZE
    )
    async with producer:
        sent = []
        for partition in range(scene.partitions):
            for _ in range(EACH):
                batch = producer.create_batch()
                batch.append(timestamp=None, key=None, value=bytes(SIZE), headers=[])
                sent.append(await producer.send_batch(batch, scene.names.source, partition=partition))
        await asyncio.gather(*sent)


async def taken(connection: KafkaConnection[Any]) -> Counter[int]:
    """Return how many records of which partitions the next turn has."""
    batches = await connection.poll()
    return Counter({partition.number: len(batch) for partition, batch in batches.items()})


async def test_partitions_share_the_bytes_of_a_turn_and_go_first_by_turns(kafka: KafkaScene) -> None:
    await fill(kafka)
    connection = kafka.connect(FAST, "1")
    assert isinstance(connection, KafkaConnection)
    try:
        await connection.open()
        while not (first := await taken(connection)):
            pass
        await until(lambda: len(waiting_here(connection._consumer)) == kafka.partitions)  # noqa: SLF001
        turns = [await taken(connection) for _ in range(kafka.partitions)]
    finally:
        await connection.close()
    # There is more of each of them all the time.
    assert [turn.total() for turn in (first, *turns)] == [AT_ONCE // SIZE] * (1 + kafka.partitions)
    assert set().union(*turns) == set(range(kafka.partitions))
