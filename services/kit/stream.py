"""The stream loop: consume a batch, handle it, deliver results with offsets; again until stopped."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

import structlog

from services.kit.broker import Connection
from services.kit.dead_letters import DeadLetterLimit, DeadLetterOffice
from services.kit.errors import UnavailableError
from services.kit.logs import where
from services.kit.metrics import StageMetrics
from services.kit.outputs import Held, Settled, settle
from services.kit.pause import pause
from services.kit.progress import Progress
from services.kit.records import Emit, Handler, Hold, Partition, Record, Reject
from services.kit.stream_settings import StreamSettings

T = TypeVar("T")
BACKLOG = 0.5
"""A turn that is at least so full has more behind it."""
log = structlog.stdlib.get_logger("stream")

POISON = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What bad data raises in a handler; anything else is the machine's fault and ends the process."""


class Stage(Generic[T]):
    """One step of the pipeline: a pure handler between a consumer group and a way to deliver.

    A session that breaks is replaced after a pause and goes on from the committed offsets: whatever goes
    wrong, a batch is delivered together with its offsets or not at all; at least once, it comes again.
    """

    def __init__(
        self,
        connect: Callable[[], Connection[T]],
        handler: Handler[T],
        *,
        office: DeadLetterOffice,
        settings: StreamSettings,
        metrics: StageMetrics,
        progress: Progress,
        begin: asyncio.Event | None = None,
    ) -> None:
        """Make a stage: it connects at once, and reads nothing before `begin`, if given, is set."""
        self._connect = connect
        self._handler = handler
        self._office = office
        self._settings = settings
        self._metrics = metrics
        self._progress = progress
        self._begin = begin
        self._limit = DeadLetterLimit(
            window=settings.dead_letter_window, allowed=settings.dead_letters_allowed
        )
        self._held_until: dict[Partition, float] = {}
        self._lag_due = 0.0
        self._in_flight: asyncio.Task[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run sessions until `stop`, finishing the turn in flight. Raises FatalError where none can help."""
        wait = self._settings.retry_first
        while not stop.is_set():
            try:
                async for _ in self._session(stop):
                    wait = self._settings.retry_first
            except UnavailableError as error:
                self._progress.broken(str(error))
                log.warning("session_broken", error=str(error), retry_seconds=wait.total_seconds())
                await pause(wait, stop)
                wait = min(wait * 2, self._settings.retry_longest)
            # What the session had read hangs on cycles, of the client and of the error that is gone now.
            gc.collect()

    async def _session(self, stop: asyncio.Event) -> AsyncIterator[int]:
        """Yield after every turn of one connection."""
        connection = self._connect()
        self._held_until.clear()
        try:
            await connection.open()
            self._progress.opened()
            if self._begin is not None:
                await self._begin.wait()
            while not stop.is_set():
                yield await self.turn(connection)
            await self._delivered()
        finally:
            await self._give_up_delivery()
            await connection.close()

    async def turn(self, connection: Connection[T]) -> int:
        """Take one batch all the way and return how many records are done with.

        1. Poll. 2. Handle. 3. Wait for the last turn's delivery. 4. Deliver results, dead letters, offsets.
        5. Hold what must wait. Partitions are revoked between turns and deliveries, never within one.
        In a backlog the next batch is read and handled while this one is delivered; otherwise the delivery is
        waited for, since what comes meanwhile makes the next turn larger.
        """
        async with connection.turn():
            self._resume_due(connection)
            batches = await connection.poll()
            records = [record for batch in batches.values() for record in batch]
            backlog = len(records) >= self._settings.batch_records * BACKLOG
            # A large batch in a thread: the delivery in flight, heartbeats and probes go on meanwhile.
            results = await asyncio.to_thread(self._handle, records) if backlog else self._handle(records)
            settled = settle(batches, results, self._office)
            await self._delivered()
            self._limit.check(settled.refused)
            self._progress.turned(())
            if settled.outputs:
                self._in_flight = asyncio.create_task(self._deliver(connection, settled), name="delivery")
            if not backlog:
                await self._delivered()
            if not records:
                await connection.rest()
            for partition, held in settled.held.items():
                connection.rewind(partition, held.offset)
                self._hold(partition, held)
            await self._watch(connection)
            return settled.handled()

    async def _deliver(self, connection: Connection[T], settled: Settled[T]) -> None:
        with self._metrics.committing():
            await connection.deliver(settled.outputs)
        self._limit.count(settled.refused)
        self._progress.turned(settled.outputs.keys() - settled.held.keys())
        self._metrics.account(settled)

    async def _delivered(self) -> None:
        """Wait for the delivery in flight, if there is one; its error ends the session."""
        delivery, self._in_flight = self._in_flight, None
        if delivery:
            await delivery

    async def _give_up_delivery(self) -> None:
        delivery, self._in_flight = self._in_flight, None
        if delivery:
            delivery.cancel()
            await asyncio.gather(delivery, return_exceptions=True)

    def _handle(self, records: Sequence[Record]) -> list[Emit[T] | Reject | Hold]:
        """Handle the batch at once; where that raises, one by one, so that only the poison is refused."""
        if not records:
            return []
        try:
            with self._metrics.handling():
                return list(self._handler(records))
        except POISON as error:
            if len(records) == 1:
                name, position = type(error).__name__, records[0].position()
                log.error("record_crashed_handler", position=position, error=name, where=where(error))  # noqa: TRY400
                return [Reject(f"{name}: {error}")]
        log.warning("batch_crashed_handler", records=len(records))
        return [result for record in records for result in self._handle([record])]

    def _hold(self, partition: Partition, held: Held) -> None:
        self._held_until[partition] = monotonic() + self._settings.hold.total_seconds()
        if self._progress.hold(partition, held.reason):
            log.error("partition_held", partition=partition, offset=held.offset, reason=held.reason)

    def _resume_due(self, connection: Connection[T]) -> None:
        now = monotonic()
        for partition in [p for p, until in self._held_until.items() if until <= now]:
            del self._held_until[partition]
            connection.resume(partition)

    async def _watch(self, connection: Connection[T]) -> None:
        """Look at the lag now and then: records that wait while none arrive mean a stuck session."""
        if monotonic() < self._lag_due:
            return
        self._lag_due = monotonic() + self._settings.lag_every.total_seconds()
        lag = await connection.lag()
        self._metrics.lag(lag)
        self._progress.assigned(lag)
        waiting = sum(count for partition, count in lag.items() if partition not in self._held_until)
        if self._progress.waiting(waiting) > self._settings.stuck_after:
            raise UnavailableError(f"{waiting} records wait, and none has arrived for a while")
