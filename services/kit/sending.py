"""Messages of a stage on their way: each in the lane of the record that it comes from."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition

from services.kit.login import connect
from services.kit.producer import producer, stop
from services.kit.records import Message, Record
from services.kit.settings import KafkaSettings, StreamSettings

Stamped = tuple[int | None, Message]
"""A message, and milliseconds since 1970; without them the time at which it is sent."""


class Sender:
    """Sends outside of transactions, over a connection that is made when there is first need of one."""

    def __init__(self, kafka: KafkaSettings, settings: StreamSettings) -> None:
        self._kafka = kafka
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def send(self, messages: Sequence[tuple[Record, Message]]) -> None:
        """Send as `send` does."""
        if not messages:
            return
        if self._producer is None:
            self._producer = producer(self._kafka, self._settings)
            await connect(self._producer, self._kafka)
        await send(self._producer, messages)

    async def close(self) -> None:
        """Stop, if there was need of a connection."""
        if self._producer is not None:
            await asyncio.gather(stop(self._producer), return_exceptions=True)
            self._producer = None


async def send(
    owner: AIOKafkaProducer, messages: Sequence[tuple[Record, Message]]
) -> frozenset[TopicPartition]:
    """Send each message to the partition number and with the timestamp of its origin, and wait for all.

    The same number all the way keeps an application's records in one lane, and a transaction in two
    partitions instead of all. The timestamp makes a record's age the age of its application. Returns the
    partitions that were written to.
    """
    partitions = await partitions_by_topic(owner, {message.topic for _, message in messages})
    lanes: defaultdict[tuple[str, int], list[Stamped]] = defaultdict(list)
    for origin, message in messages:
        number = origin.partition.number % len(partitions[message.topic])
        lanes[message.topic, number].append((origin.timestamp, message))
    by_target = {TopicPartition(*target): lane for target, lane in lanes.items()}
    async with asyncio.TaskGroup() as group:
        for target, lane in by_target.items():
            group.create_task(send_lane(owner, target, lane))
    return frozenset(by_target)


async def partitions_by_topic(owner: AIOKafkaProducer, topics: Iterable[str]) -> Mapping[str, list[int]]:
    """Return the numbers of each topic's partitions, in order."""
    return {topic: sorted(await owner.partitions_for(topic)) for topic in topics}


async def send_lane(owner: AIOKafkaProducer, target: TopicPartition, lane: Sequence[Stamped]) -> None:
    """Send messages to one partition, in order, and wait until all replicas have them."""
    sent: list[Awaitable[object]] = []
    batch = owner.create_batch()
    for timestamp, message in lane:
        fields = {"key": message.key, "value": message.value, "headers": list(message.headers)}
        if batch.append(timestamp=timestamp, **fields) is None:
            sent.append(await owner.send_batch(batch, target.topic, partition=target.partition))
            batch = owner.create_batch()
            batch.append(timestamp=timestamp, **fields)
    sent.append(await owner.send_batch(batch, target.topic, partition=target.partition))
    await asyncio.gather(*sent)
