"""Reads all partitions of a topic without a group: for what every process must see itself."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final, Literal

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.kit.closing import closed
from services.kit.consumer import as_records, demand_fetching, leave
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.kafka_settings import KafkaSettings
from services.kit.login import connect
from services.kit.pause import pause
from services.kit.records import Partition, Record
from services.kit.settings import milliseconds
from services.kit.stream_settings import StreamSettings

CHECK_SECONDS: Final = 2.0
"""How often Kafka is asked for the partitions' ends: is it there, and do we stand still?"""
log = structlog.stdlib.get_logger("follower")


class Follower:
    """Gives `take` every committed record of a topic, from its start or from now on.

    A session that breaks is replaced after a pause and reads on from where the last one stood.
    """

    def __init__(
        self,
        topic: str,
        take: Callable[[Record], None],
        kafka: KafkaSettings,
        settings: StreamSettings,
        *,
        start: Literal["earliest", "latest"],
        reading: asyncio.Event,
    ) -> None:
        """Make a follower; `reading` is set while it reads: from then on it misses nothing."""
        self._topic = topic
        self._take = take
        self._kafka = kafka
        self._settings = settings
        self._start = start
        self._reading = reading
        self._next: dict[TopicPartition, int] = {}
        self._trouble: str | None = "has not connected to Kafka yet"
        self._moved_at = 0.0
        self._check_due = 0.0

    def not_ready(self) -> list[str]:
        """Return why the topic is not being read; empty when it is."""
        return [f"{self._topic}: {self._trouble}"] if self._trouble else []

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`. Raises FatalError where Kafka forbids it or does not let us in."""
        wait = self._settings.retry_first
        while not stop.is_set():
            try:
                await self._session(stop)
            except UnavailableError as error:
                wait = self._settings.retry_first if self._trouble is None else wait * 2
                wait = min(wait, self._settings.retry_longest)
                self._trouble = str(error)
                log.warning(
                    "session_broken",
                    topic=self._topic,
                    error=self._trouble,
                    retry_seconds=wait.total_seconds(),
                )
            self._reading.clear()
            await pause(wait, stop)

    async def _session(self, stop: asyncio.Event) -> None:
        consumer = self._consumer()
        try:
            with kafka_errors():
                await connect(consumer, self._kafka)
                while not stop.is_set():
                    await self._turn(consumer)
        finally:
            await closed(leave(consumer))

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        """Take up new partitions, read what has come, and look now and then whether Kafka is there."""
        if consumer.assignment() != self._next.keys() or self._trouble:
            await self._stand(consumer)
        demand_fetching(consumer)
        batches = await consumer.getmany(
            timeout_ms=milliseconds(self._settings.poll_wait), max_records=self._settings.batch_records
        )
        if consumer.assignment() != self._next.keys():
            # The topic has grown meanwhile, and the client begins anew with all of it: what it read is from
            # there, not from where we stand.
            return
        for target, batch in batches.items():
            self._next[target] = batch[-1].offset + 1
            self._moved_at = monotonic()
            for record in as_records(Partition(*target), batch):
                self._take(record)
        if monotonic() > self._check_due:
            await self._check(consumer)

    async def _stand(self, consumer: AIOKafkaConsumer) -> None:
        """Stand where the last session stood, at the start of partitions made since, else where to start."""
        ends = await self._ends(consumer)
        if not ends:
            raise UnavailableError(f"the partitions of {self._topic} are not known")
        from_start = self._start == "earliest" or bool(self._next)
        for target, end in ends.items():
            consumer.seek(target, min(self._next.get(target, 0 if from_start else end), end))
        self._next = {target: await consumer.position(target) for target in ends}
        self._moved_at = monotonic()
        self._trouble = None
        self._reading.set()
        log.info("session_open", topic=self._topic, partitions=len(ends))

    async def _check(self, consumer: AIOKafkaConsumer) -> None:
        """Raise UnavailableError when records wait and none has come for long: the client may be stuck."""
        ends = await self._ends(consumer)
        self._check_due = monotonic() + CHECK_SECONDS
        behind = sum([end - await consumer.position(target) for target, end in ends.items()])
        if not behind:
            self._moved_at = monotonic()
        if monotonic() - self._moved_at > self._settings.stuck_after.total_seconds():
            raise UnavailableError(f"{behind} records wait, and none has arrived for a while")

    async def _ends(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        async with asyncio.timeout(CHECK_SECONDS):
            ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        return ends

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            self._topic,
            **self._kafka.client(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset=self._start,
            isolation_level="read_committed",
            request_timeout_ms=milliseconds(self._settings.request_timeout),
            # How soon new partitions are noticed.
            metadata_max_age_ms=5_000,
        )
