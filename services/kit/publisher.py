"""The plain producer that services send single messages with, or many that come together."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from services.kit.closing import closed
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.login import connect
from services.kit.pause import pause
from services.kit.producer import producer, stop
from services.kit.records import Message
from services.kit.sending import Stamped, partitions_by_topic, send_lane
from services.kit.settings import KafkaSettings, StreamSettings

log = structlog.stdlib.get_logger("kafka")


class Publisher:
    """Sends single messages and says when Kafka has them on disk. Use it as an async context manager."""

    def __init__(self, kafka: KafkaSettings, settings: StreamSettings, *, within: timedelta) -> None:
        self._kafka = kafka
        self._producer = producer(kafka, settings)
        self._within = within.total_seconds()
        # The client would ask a coordinator that is away for as long as it is.
        self._connect_within = settings.transaction_timeout.total_seconds()

    async def __aenter__(self) -> Self:
        """Connect. Raises UnavailableError when Kafka is away, FatalError where it does not let us in."""
        try:
            with kafka_errors():
                async with asyncio.timeout(self._connect_within):
                    await connect(self._producer, self._kafka)
        except BaseException as error:
            await closed(stop(self._producer))
            if isinstance(error, UnavailableError):
                raise UnavailableError(f"Kafka is away: {error}") from error
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Messages that Kafka has not taken would be waited for until it is back.
        await asyncio.wait((asyncio.ensure_future(stop(self._producer)),), timeout=self._within)

    async def publish(self, message: Message) -> None:
        """Send a message and return when all replicas have it.

        Raises UnavailableError when that does not happen in time; the message may still arrive later.
        Raises FatalError where Kafka forbids it.
        """
        try:
            with kafka_errors():
                async with asyncio.timeout(self._within):
                    await self._producer.send_and_wait(
                        message.topic, message.value, key=message.key, headers=list(message.headers)
                    )
        except UnavailableError as error:
            raise UnavailableError(f"Kafka has not taken the message: {error}") from error

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        """Send messages together and return, for each, whether all replicas are known to have it in time.

        What goes to one partition is told as one; what is not known to be there may still arrive.
        Raises UnavailableError where none can be sent, FatalError where Kafka forbids it.
        """
        with kafka_errors():
            async with asyncio.timeout(self._within):
                targets = await self._targets(messages)
        lanes: defaultdict[TopicPartition, list[Stamped]] = defaultdict(list)
        for target, message in zip(targets, messages, strict=True):
            lanes[target].append((None, message))
        sent = await asyncio.gather(*(self._is_taken(target, lane) for target, lane in lanes.items()))
        taken = dict(zip(lanes, sent, strict=True))
        return [taken[target] for target in targets]

    async def _targets(self, messages: Sequence[Message]) -> list[TopicPartition]:
        """Return where the client itself would send each message."""
        partitions = await partitions_by_topic(self._producer, {message.topic for message in messages})
        partition_of = DefaultPartitioner()
        return [
            TopicPartition(topic, partition_of(key, numbers, numbers) if len(numbers) > 1 else numbers[0])
            for topic, key, *_ in messages
            for numbers in (partitions[topic],)
        ]

    async def _is_taken(self, target: TopicPartition, lane: Sequence[Stamped]) -> bool:
        try:
            with kafka_errors():
                async with asyncio.timeout(self._within):
                    await send_lane(self._producer, target, lane)
        except UnavailableError as error:
            log.warning("not_taken", topic=target.topic, messages=len(lane), error=str(error))
            return False
        return True


async def publish_for_sure(
    message: Message, kafka: KafkaSettings, settings: StreamSettings, stop: asyncio.Event
) -> None:
    """Publish a rare message over a connection of its own, trying until Kafka has it or `stop`."""
    while not stop.is_set():
        try:
            async with Publisher(kafka, settings, within=settings.request_timeout) as publisher:
                await publisher.publish(message)
                return
        except UnavailableError as error:
            log.warning("message_waits", topic=message.topic, error=str(error))
            await pause(settings.retry_longest, stop)
