"""The decisions' topic, read whole by every gateway process: whoever waits may wait in any of them."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.gateway.arrivals import Arrivals, Arrived
from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors
from services.kit.settings import KafkaSettings, StreamSettings

CHECK_SECONDS: Final = 2.0
"""How often Kafka is asked for the partitions' ends: is it there, and do we stand still?"""
TURN_MILLISECONDS: Final = 250
CLOSE_SECONDS: Final = 3.0
log = structlog.stdlib.get_logger("feed")


class DecisionFeed:
    """Reads committed decisions without a group, from the end on, and gives them to the arrivals.

    A session that breaks is replaced after a pause and reads on from where the last one stood.
    """

    def __init__(
        self, topic: str, arrivals: Arrivals, kafka: KafkaSettings, settings: StreamSettings
    ) -> None:
        self._topic = topic
        self._arrivals = arrivals
        self._kafka = kafka
        self._settings = settings
        self._next: dict[TopicPartition, int] = {}
        self._trouble: str | None = "has not connected to Kafka yet"
        self._moved_at = 0.0
        self._check_due = 0.0

    def not_ready(self) -> list[str]:
        """Return why decisions are not being read; empty when they are."""
        return [f"decisions: {self._trouble}"] if self._trouble else []

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`, then let go everybody who waits. Raises FatalError where Kafka forbids it."""
        pause = self._settings.retry_first
        try:
            while not stop.is_set():
                try:
                    await self._session(stop)
                except UnavailableError as error:
                    pause = self._settings.retry_first if self._trouble is None else pause * 2
                    pause = min(pause, self._settings.retry_longest)
                    self._trouble = str(error)
                    log.warning("feed_broken", error=str(error), retry_seconds=pause.total_seconds())
                self._arrivals.reading = False
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause.total_seconds())
        finally:
            self._arrivals.close()

    async def _session(self, stop: asyncio.Event) -> None:
        consumer = self._consumer()
        try:
            with kafka_errors():
                await consumer.start()
                while not stop.is_set():
                    await self._turn(consumer)
        finally:
            # A broker that is away must not hold up the next session, and the client's own cancelled tasks,
            # which it lets out, must not end this one.
            leaving = asyncio.gather(consumer.stop(), return_exceptions=True)
            await asyncio.wait((leaving,), timeout=CLOSE_SECONDS)

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        """Take up new partitions, read what has come, and look now and then whether Kafka is there."""
        if consumer.assignment() != self._next.keys() or self._trouble:
            await self._stand(consumer)
        batches = await consumer.getmany(timeout_ms=TURN_MILLISECONDS)
        for partition, batch in batches.items():
            self._next[partition] = batch[-1].offset + 1
            self._moved_at = monotonic()
            for record in batch:
                self._arrivals.put(record.key, Arrived(record.value, record.headers))
        if monotonic() > self._check_due:
            await self._check(consumer)

    async def _stand(self, consumer: AIOKafkaConsumer) -> None:
        """Stand where the last session stood, at the start of partitions made since, else at the end."""
        ends = await self._ends(consumer)
        for partition, end in ends.items():
            first = 0 if self._next and partition not in self._next else end
            consumer.seek(partition, min(self._next.get(partition, first), end))
        self._next = {partition: await consumer.position(partition) for partition in ends}
        self._moved_at = monotonic()
        self._trouble = None
        self._arrivals.reading = True
        log.info("feed_open", partitions=len(ends))

    async def _check(self, consumer: AIOKafkaConsumer) -> None:
        """Raise UnavailableError when records wait and none has come for long: the client may be stuck."""
        ends = await self._ends(consumer)
        self._check_due = monotonic() + CHECK_SECONDS
        behind = sum([end - await consumer.position(partition) for partition, end in ends.items()])
        if not behind:
            self._moved_at = monotonic()
        if monotonic() - self._moved_at > self._settings.stuck_after.total_seconds():
            raise UnavailableError(f"{behind} decisions wait, and none has arrived for a while")

    async def _ends(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        async with asyncio.timeout(CHECK_SECONDS):
            ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        return ends

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._kafka.bootstrap_servers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            isolation_level="read_committed",
            request_timeout_ms=int(self._settings.request_timeout.total_seconds() * 1000),
            # How soon new partitions are noticed.
            metadata_max_age_ms=5_000,
        )
