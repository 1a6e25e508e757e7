"""Apache Kafka as the stream loop's broker: a consumer group's member, by aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import time
from typing import Generic, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from services.kit.closing import closed
from services.kit.consumer import (
    Listener,
    as_records,
    claim_unread,
    consumer,
    demand_fetching,
    demand_topics,
    forget_question,
    leave,
    put_behind,
    waiting_here,
)
from services.kit.delivery import Delivery
from services.kit.errors import UnavailableError
from services.kit.fetched import one_turn
from services.kit.gathering import Gathering
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.records import Output, Partition, Record
from services.kit.side_by_side import side_by_side
from services.kit.stream_settings import StreamSettings

T = TypeVar("T")
FETCH_AHEAD = 4
"""Rounds of the event loop in which the client asks for the next records, before a handler keeps it busy."""
AFTER_CLIENT = 0.1
"""Seconds that the client has to end a wait by itself."""
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
        self._gathering = Gathering(settings)
        self._joined = asyncio.Event()
        self._turn = asyncio.Lock()
        self._delivering = asyncio.Lock()
        self._consumer = consumer(group, instance, kafka, settings)

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
            batches = await self._gathered()
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

    async def _gathered(self) -> dict[Partition, list[Record]]:
        """Return the next batch; under load none before records had their time to gather.

        While records wait in the client it asks for no more, and what comes after them gathers in Kafka.
        """
        limit, wait = self._settings.batch_records, self._settings.poll_wait.total_seconds()
        if (early := self._gathering.early()) > 0:
            await asyncio.sleep(min(early, wait))
            if early > wait:
                return {}
        behind = self._gathering.rest_within if waiting_here(self._consumer) else 0.0
        with one_turn() as room:
            batches = await self._fetch(wait, limit)
            if behind and room.left > 0 and (missing := limit - _size(batches)):
                for partition, more in (await self._fetch(behind, missing)).items():
                    batches.setdefault(partition, []).extend(more)
        if room.left <= 0:
            put_behind(self._consumer, (TopicPartition(*partition) for partition in batches))
        self._gathering.took(_size(batches), waiting=self._waiting_behind(batches))
        return batches

    def _waiting_behind(self, batches: Mapping[Partition, Sequence[Record]]) -> int:
        """Return how many records there were behind these when Kafka was asked last."""
        client, waiting = self._consumer, 0
        assigned = client.assignment()
        for partition, batch in batches.items():
            target = TopicPartition(*partition)
            end = client.last_stable_offset(target) if target in assigned else None
            waiting += max(0, (end or 0) - batch[-1].offset - 1)
        return waiting

    async def _fetch(self, seconds: float, limit: int) -> dict[Partition, list[Record]]:
        # While partitions move, the client would wait for that without limit, and that for this turn. Cut off
        # any sooner it would not forget what it waited with.
        demand_fetching(self._consumer)
        try:
            async with asyncio.timeout(seconds + AFTER_CLIENT):
                fetched = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=limit)
        except TimeoutError:
            forget_question(self._consumer)
            return {}
        return {Partition(*tp): as_records(Partition(*tp), raws) for tp, raws in fetched.items()}

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

    def _in_time(self) -> asyncio.Timeout:
        """Bound what the client would repeat for as long as the broker is away."""
        return asyncio.timeout(self._settings.transaction_timeout.total_seconds())

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
        """Subtract positions from the ends that fetches told: to ask would wait behind a fetch that waits.

        Raises UnavailableError when a partition that is read has not been fetched for a while.
        """
        client = self._consumer
        assigned = client.assignment()
        # While records of a partition wait here for their turn, no more are asked for.
        asked_for = assigned - client.paused() - waiting_here(client)
        fetched = [client.last_poll_timestamp(target) for target in asked_for]
        silent = time() - min((told or self._assigned_at for told in fetched), default=time() * 1000) / 1000
        if silent > self._settings.stuck_after.total_seconds():
            raise UnavailableError(f"Kafka has not answered a fetch for {silent:.0f} s")
        ends = {target: client.last_stable_offset(target) for target in assigned}
        with kafka_errors(), suppress(IllegalStateError):
            async with self._in_time():
                return {
                    Partition(*target): end - await client.position(target)
                    for target, end in ends.items()
                    if end is not None
                }
        return {}

    async def close(self) -> None:
        """Leave."""
        await closed(self._delivery.close(), leave(self._consumer))


def _size(batches: Mapping[Partition, Sequence[Record]]) -> int:
    return sum(map(len, batches.values()))
