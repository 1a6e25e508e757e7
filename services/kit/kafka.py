"""Apache Kafka as the stream loop's broker: a consumer group's member, by aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import time
from typing import Generic, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from services.kit.closing import closed
from services.kit.consumer import Listener, claim_unread, consumer, demand_topics, leave
from services.kit.delivery import Delivery
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.reading import Reading
from services.kit.records import Output, Partition, Record
from services.kit.side_by_side import side_by_side
from services.kit.stream_settings import StreamSettings

T = TypeVar("T")
FETCH_AHEAD = 4
"""Rounds of the event loop in which the client asks for the next records, before a handler keeps it busy."""
ASK_EVERY = 0.2
"""Seconds between two questions whether the group takes us."""


class KafkaConnection(Generic[T]):
    """A static member of a consumer group that reads committed records and delivers by `delivery`."""

    def __init__(
        self,
        topics: Sequence[str],
        *,
        group: str,
        instance: str,
        delivery: Delivery[T],
        kafka: KafkaSettings,
        settings: StreamSettings,
    ) -> None:
        self._topics = topics
        self._kafka = kafka
        self._delivery = delivery
        self._settings = settings
        self._assigned: set[Partition] = set()
        self._assigned_at = 0.0
        self._owned: set[Partition] = set()
        self._joined = asyncio.Event()
        self._turn = asyncio.Lock()
        self._delivering = asyncio.Lock()
        self._consumer = consumer(group, instance, kafka, settings)
        self._reading = Reading(self._consumer, settings)

    async def open(self) -> None:
        """Connect and join the group."""
        with kafka_errors():
            await connect(self._consumer, self._kafka)
            await demand_topics(self._consumer, self._topics)
            self._consumer.subscribe(self._topics, listener=Listener(self._assign, self._revoke))
            async with self._in_time():
                await self._join()
                await claim_unread(self._consumer, self._topics)

    async def _join(self) -> None:
        """Wait for partitions; the client tells what keeps it from the group only when it is asked."""
        while not self._joined.is_set():
            self._consumer._coordinator.check_errors()  # noqa: SLF001
            with suppress(TimeoutError):
                await asyncio.wait_for(self._joined.wait(), ASK_EVERY)

    def _assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._assigned = {Partition(*target) for target in partitions}
        self._assigned_at = time() * 1000
        self._joined.set()

    async def _revoke(self) -> None:
        async with self._turn:
            # A delivery that the turn has just begun takes its lock.
            await asyncio.sleep(0)
            async with self._delivering:
                self._assigned.clear()
                self._owned.clear()
                # It could wait for a coordinator that is away; who owns them next fences it anyway.
                await closed(self._delivery.close())

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold off revocation, so that what was read is delivered by its owner."""
        async with self._turn:
            yield

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        """Own what was assigned, then return the next records."""
        with kafka_errors():
            if self._owned != self._assigned:
                await self._own_assigned()
            batches = await self._reading.gathered()
            for _ in range(FETCH_AHEAD):
                await asyncio.sleep(0)
            # Others can be here just before the client tells of them; owning sets them back to their start.
            return {partition: batch for partition, batch in batches.items() if partition in self._owned}

    async def _own_assigned(self) -> None:
        async with self._in_time():
            await side_by_side(*map(self._own, self._assigned - self._owned))

    async def _own(self, partition: Partition) -> None:
        """Fence the former owner, and only then trust the committed offset: it may have just moved on."""
        target = TopicPartition(*partition)
        await self._delivery.own(partition)
        committed = await self._consumer.committed(target)
        if committed is None:
            await self._consumer.seek_to_beginning(target)
        else:
            self._consumer.seek(target, committed)
        self._owned.add(partition)

    async def deliver(self, outputs: Mapping[Partition, Output[T]]) -> None:
        """Deliver as `delivery` does; the first error ends the session."""
        with kafka_errors():
            async with self._delivering, self._in_time():
                await self._delivery.deliver(outputs, self._consumer.commit)

    async def rest(self) -> None:
        """Rest as `delivery` does."""
        with kafka_errors():
            async with self._delivering, self._in_time():
                await self._delivery.rest()

    def rewind(self, partition: Partition, offset: int) -> None:
        """Pause at `offset`; where the partition is being taken away, its next owner does so."""
        with suppress(IllegalStateError):
            self._consumer.pause(TopicPartition(*partition))
            self._consumer.seek(TopicPartition(*partition), offset)

    def resume(self, partition: Partition) -> None:
        """Read on, where the partition is still assigned."""
        with suppress(IllegalStateError):
            self._consumer.resume(TopicPartition(*partition))

    async def lag(self) -> Mapping[Partition, int]:
        """Return how many records wait in each partition. Raises UnavailableError where that is not known."""
        with kafka_errors():
            async with self._in_time():
                return await self._reading.lag(self._assigned_at)

    async def close(self) -> None:
        """Leave."""
        await closed(self._delivery.close(), leave(self._consumer))

    def _in_time(self) -> asyncio.Timeout:
        """Bound what the client would repeat for as long as the broker is away."""
        return asyncio.timeout(self._settings.transaction_timeout.total_seconds())
