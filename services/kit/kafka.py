"""Apache Kafka as the stream loop's broker: a consumer group's member, by aiokafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
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
from services.kit.errors import FatalError, UnavailableError
from services.kit.records import Output, Partition, Record
from services.kit.settings import KafkaSettings, StreamSettings

T = TypeVar("T")
FORBIDDEN = (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


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
        self._assigned: frozenset[Partition] = frozenset()
        self._owned: set[Partition] = set()
        self._turn = asyncio.Lock()
        self._consumer = _consumer(group, instance, kafka, settings)

    async def open(self) -> None:
        """Connect and join the group."""
        with kafka_errors():
            await self._consumer.start()
            self._consumer.subscribe(self._topics, listener=_Assignment(self._revoke, self._assign))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold off revocation, so that what was read is delivered by its owner."""
        async with self._turn:
            yield

    async def _revoke(self) -> None:
        async with self._turn:
            self._assigned = frozenset()
            self._owned.clear()
            await self._delivery.close()

    def _assign(self, assigned: Iterable[TopicPartition]) -> None:
        self._assigned = frozenset(Partition(*tp) for tp in assigned)

    async def poll(self) -> Mapping[Partition, Sequence[Record]]:
        """Return the next records of owned partitions; newly assigned ones are owned first."""
        with kafka_errors():
            await asyncio.gather(*(self._own(partition) for partition in self._assigned - self._owned))
            limit = self._settings.batch_records
            batches = await self._fetch(self._settings.poll_wait.total_seconds(), limit)
            missing = limit - sum(map(len, batches.values()))
            if batches and missing > 0 and self._settings.gather:
                for partition, more in (
                    await self._fetch(self._settings.gather.total_seconds(), missing)
                ).items():
                    batches.setdefault(partition, []).extend(more)
            return {partition: batch for partition, batch in batches.items() if partition in self._owned}

    async def _fetch(self, seconds: float, limit: int) -> dict[Partition, list[Record]]:
        # While partitions move, the client waits without limit for the turn to end: only cancelling helps.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                fetched = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=limit)
                return {Partition(*tp): _records(Partition(*tp), raws) for tp, raws in fetched.items()}
        return {}

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
            try:
                await self._delivery.deliver(outputs, self._consumer.commit)
            except ExceptionGroup as group:
                raise group.exceptions[0] from group

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
        """Ask the broker for the ends and subtract the positions; empty while partitions move."""
        consumer = self._consumer
        with kafka_errors(), suppress(IllegalStateError):
            async with asyncio.timeout(self._settings.request_timeout.total_seconds()):
                ends = await consumer.end_offsets(consumer.assignment())
                return {Partition(*tp): end - await consumer.position(tp) for tp, end in ends.items()}
        return {}

    async def close(self) -> None:
        """Leave, with bounded patience for a broker that is away."""
        for stopping in (self._delivery.close(), self._consumer.stop()):
            with suppress(KafkaError, TimeoutError, OSError):
                await asyncio.wait_for(stopping, self._settings.request_timeout.total_seconds())


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """Tells the connection what it is given and when that is taken away."""

    def __init__(
        self, revoke: Callable[[], Awaitable[None]], assign: Callable[[Iterable[TopicPartition]], None]
    ) -> None:
        self._revoke = revoke
        self._assign = assign

    async def on_partitions_revoked(self, _revoked: object) -> None:
        """Wait for the turn in flight and own nothing."""
        await self._revoke()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Leave it to the next turn to own them."""
        self._assign(assigned)


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
    return [Record(partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in raws]


@contextmanager
def kafka_errors() -> Iterator[None]:
    """Say aiokafka's errors in the loop's words: forbidden is fatal, all else is worth a new session."""
    try:
        yield
    except FORBIDDEN as error:
        raise FatalError(f"Kafka forbids it, grant the right and start again: {error!r}") from error
    except (KafkaError, TimeoutError, OSError) as error:
        raise UnavailableError(f"Kafka: {error!r}") from error
