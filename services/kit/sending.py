"""Messages of a stage on their way: each in the lane of the record that it comes from."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition

from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.producer import producer, stop
from services.kit.records import Message, Record
from services.kit.side_by_side import side_by_side
from services.kit.stream_settings import StreamSettings


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
    lanes: defaultdict[tuple[str, int], list[tuple[Record, Message]]] = defaultdict(list)
    for origin, message in messages:
        lanes[message.topic, origin.partition.number].append((origin, message))
    sent = await side_by_side(*(_send_lane(owner, *target, lane) for target, lane in lanes.items()))
    return frozenset(sent)


async def _send_lane(
    owner: AIOKafkaProducer, topic: str, number: int, lane: Sequence[tuple[Record, Message]]
) -> TopicPartition:
    partition = number % len(await owner.partitions_for(topic))
    sent: list[Awaitable[object]] = []
    batch = owner.create_batch()
    for origin, message in lane:
        fields = {"key": message.key, "value": message.value, "headers": list(message.headers)}
        if batch.append(timestamp=origin.timestamp, **fields) is None:
            sent.append(await owner.send_batch(batch, topic, partition=partition))
            batch = owner.create_batch()
            batch.append(timestamp=origin.timestamp, **fields)
    sent.append(await owner.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)
    return TopicPartition(topic, partition)
