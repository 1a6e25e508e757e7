"""Apache Kafka as the stream loop's broker: a consumer group's member, by aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from time import time
from typing import Generic, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from services.kit.delivery import Delivery
from services.kit.errors import FatalError, UnavailableError, first_error
from services.kit.records import Output, Partition, Record
from services.kit.settings import KafkaSettings, StreamSettings

T = TypeVar("T")
FORBIDDEN = (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
CLOSE_SECONDS = 3.0
"""Patience with a connection that is closed: a new one need not wait for it."""


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
        self._delivery = delivery
        self._settings = settings
        self._assigned: set[Partition] = set()
        self._owned: set[Partition] = set()
        self._joined = asyncio.Event()
        self._turn = asyncio.Lock()
        self._consumer = _consumer(group, instance, kafka, settings)

    async def open(self) -> None:
        """Connect and join the group."""
        with kafka_errors():
            await self._consumer.start()
            missing = set(self._topics) - await self._consumer.topics()
            if missing:
                raise UnavailableError(f"no topic {', '.join(sorted(missing))}: make the topics first")
            self._consumer.subscribe(self._topics, listener=_Listener(self._assign, self._revoke))
            async with self._in_time():
                await self._joined.wait()

    def _assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._assigned = {Partition(*target) for target in partitions}
        self._joined.set()

    async def _revoke(self) -> None:
        async with self._turn:
            self._assigned.clear()
            self._owned.clear()
            await self._delivery.close()

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
            limit = self._settings.batch_records
            batches = await self._fetch(self._settings.poll_wait.total_seconds(), limit)
            missing = limit - sum(map(len, batches.values()))
            if batches and missing > 0 and self._settings.gather:
                for partition, more in (
                    await self._fetch(self._settings.gather.total_seconds(), missing)
                ).items():
                    batches.setdefault(partition, []).extend(more)
            # Others can be here just before the client tells of them; owning sets them back to their start.
            return {partition: batch for partition, batch in batches.items() if partition in self._owned}

    async def _own_assigned(self) -> None:
        async with self._in_time(), asyncio.TaskGroup() as group:
            for partition in self._assigned - self._owned:
                group.create_task(self._own(partition))

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

    async def _fetch(self, seconds: float, limit: int) -> dict[Partition, list[Record]]:
        # While partitions move, the client would wait for that without limit, and that for this turn.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                fetched = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=limit)
                return {Partition(*tp): _records(Partition(*tp), raws) for tp, raws in fetched.items()}
        return {}

    async def deliver(self, outputs: Mapping[Partition, Output[T]]) -> None:
        """Deliver as `delivery` does; the first error ends the session."""
        with kafka_errors():
            async with self._in_time():
                await self._delivery.deliver(outputs, self._consumer.commit)

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
        consumer = self._consumer
        assigned = consumer.assignment()
        fetched = {target: consumer.last_poll_timestamp(target) for target in assigned - consumer.paused()}
        oldest = min(filter(None, fetched.values()), default=time() * 1000)
        if time() - oldest / 1000 > self._settings.stuck_after.total_seconds():
            raise UnavailableError("no answer from Kafka to fetches for a while")
        ends = {target: consumer.last_stable_offset(target) for target in assigned}
        with suppress(IllegalStateError):
            return {
                Partition(*target): end - await consumer.position(target)
                for target, end in ends.items()
                if end is not None
            }
        return {}

    async def close(self) -> None:
        """Leave. What waits for a broker that is away goes on by itself and ends when the broker is back."""
        leaving = asyncio.gather(self._delivery.close(), self._consumer.stop(), return_exceptions=True)
        await asyncio.wait((leaving,), timeout=CLOSE_SECONDS)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Tells the connection what it is given, and when it is taken away again."""

    def __init__(
        self, assign: Callable[[Iterable[TopicPartition]], None], revoke: Callable[[], Awaitable[None]]
    ) -> None:
        self._assign = assign
        self._revoke = revoke

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Leave it to the next turn to own them."""
        self._assign(assigned)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Wait for the turn in flight; all partitions are taken, whichever come back."""
        del revoked
        await self._revoke()


def _consumer(group: str, instance: str, kafka: KafkaSettings, settings: StreamSettings) -> AIOKafkaConsumer:
    session = int(settings.session_timeout.total_seconds() * 1000)
    return AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers,
        group_id=group,
        group_instance_id=f"{group}-{instance}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=session,
        heartbeat_interval_ms=session // 4,
        request_timeout_ms=int(settings.request_timeout.total_seconds() * 1000),
        metadata_max_age_ms=30_000,
    )


def _records(partition: Partition, raws: Sequence[ConsumerRecord]) -> list[Record]:
    # A foreign producer may write a header without a value; here it reads as an empty one.
    return [
        Record(
            partition,
            r.offset,
            r.timestamp,
            r.key,
            r.value,
            tuple((name, text or b"") for name, text in r.headers),
        )
        for r in raws
    ]


@contextmanager
def kafka_errors() -> Iterator[None]:
    """Say aiokafka's errors in the loop's words: forbidden is fatal, all else is worth a new session."""
    try:
        try:
            yield
        except ExceptionGroup as group:
            raise first_error(group) from group
    except FORBIDDEN as error:
        raise FatalError(f"Kafka forbids it, grant the right and start again: {error!r}") from error
    except TimeoutError as error:
        raise UnavailableError("Kafka has not answered in time") from error
    except (KafkaError, OSError) as error:
        raise UnavailableError(f"Kafka: {error!r}") from error
