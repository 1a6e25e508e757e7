"""What a stage plays on: a broker with its topics, in memory or Kafka, seen by a test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from prometheus_client import CollectorRegistry

from services.kit.at_least_once import AtLeastOnceDelivery
from services.kit.broker import Connection
from services.kit.dead_letters import DeadLetterOffice
from services.kit.delivery import TransactionalDelivery
from services.kit.kafka import KafkaConnection
from services.kit.kafka_settings import KafkaSettings
from services.kit.memory import MemoryBroker
from services.kit.memory_connection import MemoryConnection
from services.kit.metrics import StageMetrics
from services.kit.progress import Progress
from services.kit.records import Emit, Handler, Hold, Message, Partition, Record, Reject
from services.kit.stream import Stage
from services.kit.stream_settings import StreamSettings
from tests.integration.kit.waiting import DEADLINE_SECONDS, until

PARTITIONS = 2
LARGEST_RECORD = 8 * 1024 * 1024
FAST = StreamSettings(
    poll_wait=timedelta(milliseconds=50),
    session_timeout=timedelta(seconds=6),
    retry_first=timedelta(milliseconds=20),
    hold=timedelta(milliseconds=50),
    lag_every=timedelta(milliseconds=100),
)
Wrap = Callable[[Connection[Message]], Connection[Message]]


@dataclass(frozen=True)
class Names:
    """Topics and group that no other test has."""

    source: str = field(default_factory=lambda: f"source-{uuid4()}")
    target: str = field(default_factory=lambda: f"target-{uuid4()}")
    dead: str = field(default_factory=lambda: f"dead-{uuid4()}")
    group: str = field(default_factory=lambda: f"octroi-{uuid4()}")

    def copy(self, records: Sequence[Record]) -> list[Emit[Message] | Reject | Hold]:
        """Handle records by sending each on as it is."""
        return [Emit((self.message(record),)) for record in records]

    def message(self, record: Record) -> Message:
        return Message(self.target, record.key, record.value, record.headers)


class Scene(Protocol):
    """A broker and the names of one test."""

    @property
    def names(self) -> Names: ...

    def connect(self, settings: StreamSettings, instance: str) -> Connection[Message]: ...

    async def send(
        self, topic: str, partition: int, records: Iterable[Message], timestamp: int = 0
    ) -> None: ...

    async def read(self, topic: str) -> list[Record]:
        """Return all committed records, partition by partition."""

    async def committed(self) -> int:
        """Return how many records of the source the group has done."""


class MemoryScene:
    """The twin."""

    def __init__(self) -> None:
        self.names = Names()
        self.broker = MemoryBroker(PARTITIONS)

    def connect(self, settings: StreamSettings, instance: str) -> Connection[Message]:
        del instance
        names = self.names
        return MemoryConnection(
            self.broker, [names.source], group=names.group, batch_records=settings.batch_records
        )

    async def send(self, topic: str, partition: int, records: Iterable[Message], timestamp: int = 0) -> None:
        for record in records:
            message = Message(topic, record.key, record.value, record.headers)
            await self.broker.send(message, partition=partition, timestamp=timestamp)

    async def read(self, topic: str) -> list[Record]:
        return await self.broker.read(topic, 0)

    async def committed(self) -> int:
        return await self.broker.committed(self.names.group, self.names.source)


class KafkaScene:
    """The real one."""

    def __init__(self, bootstrap: str, partitions: int = PARTITIONS) -> None:
        self.names = Names()
        self.partitions = partitions
        self.kafka = KafkaSettings(bootstrap_servers=bootstrap)

    async def make_topics(self) -> None:
        names = (self.names.source, self.names.target, self.names.dead)
        # Records of any time: Kafka would remove old ones while a test reads.
        kept = {"max.message.bytes": str(LARGEST_RECORD), "retention.ms": "-1"}
        async with self.admin() as admin:
            await admin.create_topics(
                [NewTopic(name, self.partitions, 1, topic_configs=kept) for name in names]
            )

            async def told() -> bool:
                return set(names) <= set(await admin.list_topics())

            # They are made when the controller has them; the broker tells of them a moment later.
            await until(told)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap_servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    def delivery(self, settings: StreamSettings) -> TransactionalDelivery:
        return TransactionalDelivery(self.names.group, self.kafka, settings)

    def at_least_once(self, settings: StreamSettings) -> AtLeastOnceDelivery:
        return AtLeastOnceDelivery(self.names.group, self.kafka, settings)

    def connect(self, settings: StreamSettings, instance: str) -> Connection[Message]:
        return KafkaConnection(
            [self.names.source],
            group=self.names.group,
            instance=instance,
            delivery=self.at_least_once(settings)
            if settings.delivery == "at-least-once"
            else self.delivery(settings),
            kafka=self.kafka,
            settings=settings,
        )

    async def send(self, topic: str, partition: int, records: Iterable[Message], timestamp: int = 0) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap_servers, enable_idempotence=True, max_batch_size=256 * 1024
        )
        async with producer:
            sent = []
            # One by one as batches, because only they take a record without key and value.
            for record in records:
                batch = producer.create_batch()
                batch.append(
                    timestamp=timestamp, key=record.key, value=record.value, headers=list(record.headers)
                )
                sent.append(await producer.send_batch(batch, topic, partition=partition))
            await asyncio.gather(*sent)

    async def read(self, topic: str) -> list[Record]:
        targets = [TopicPartition(topic, number) for number in range(self.partitions)]
        async with asyncio.timeout(DEADLINE_SECONDS):
            async with self._consumer("read_uncommitted") as consumer:
                ends = await consumer.end_offsets(targets)
            async with self._consumer("read_committed") as consumer:
                consumer.assign(targets)
                return [
                    record for target in targets for record in await _read(consumer, target, ends[target])
                ]

    def _consumer(self, isolation_level: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self.kafka.bootstrap_servers,
            isolation_level=isolation_level,
            auto_offset_reset="earliest",
        )

    async def committed(self) -> int:
        async with self.admin() as admin:
            try:
                offsets = await admin.list_consumer_group_offsets(self.names.group)
            except GroupCoordinatorNotAvailableError:
                # The first question after the broker's first start comes before there is who could answer.
                return 0
            return sum(max(0, committed.offset) for committed in offsets.values())


async def _read(consumer: AIOKafkaConsumer, target: TopicPartition, end: int) -> list[Record]:
    """Read up to the end of the log: where a transaction is open that comes when it is closed."""
    records: list[Record] = []
    while await consumer.position(target) < end:
        for raw in (await consumer.getmany(target, timeout_ms=100)).get(target, []):
            partition = Partition(raw.topic, raw.partition)
            records.append(
                Record(partition, raw.offset, raw.timestamp, raw.key, raw.value, tuple(raw.headers))
            )
    return records


@dataclass(frozen=True)
class Running:
    """A stage at work."""

    task: asyncio.Task[None]
    stop: asyncio.Event
    progress: Progress
    registry: CollectorRegistry

    async def ended(self) -> None:
        """Return when the stage has ended by itself; what it ended with is raised at the end of the block."""
        await asyncio.wait((self.task,), timeout=DEADLINE_SECONDS)


@asynccontextmanager
async def running(
    scene: Scene,
    handler: Handler[Message],
    settings: StreamSettings = FAST,
    *,
    instance: str = "1",
    wrap: Wrap = lambda connection: connection,
) -> AsyncIterator[Running]:
    """Run a stage from the scene's source for the length of the block."""
    progress = Progress(turn_within=settings.turn_within)
    registry = CollectorRegistry()
    stage = Stage(
        lambda: wrap(scene.connect(settings, instance)),
        handler,
        office=DeadLetterOffice(scene.names.dead, "copying", lambda: datetime.now(UTC)),
        settings=settings,
        metrics=StageMetrics(registry),
        progress=progress,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(stage.run(stop))
    try:
        yield Running(task, stop, progress, registry)
    finally:
        stop.set()
        ended, _ = await asyncio.wait((task,), timeout=DEADLINE_SECONDS)
    assert ended, "the stage did not stop"
    task.result()


def numbered(count: int, start: int = 0) -> list[Message]:
    """Return messages whose keys are their numbers."""
    return [Message("", str(n).encode(), b"value %d" % n) for n in range(start, start + count)]


def keys(records: Iterable[Record], partition: int | None = None) -> list[bytes | None]:
    return [record.key for record in records if partition in (None, record.partition.number)]


async def handled(scene: Scene, count: int) -> None:
    """Wait until the group has done `count` records of the source."""

    async def enough() -> bool:
        try:
            return await scene.committed() >= count
        except KafkaError:
            return False

    await until(enough)
