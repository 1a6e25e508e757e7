"""The stream loop: consume a batch, handle it, deliver results with offsets; again until stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from traceback import extract_tb
from typing import Generic, TypeVar

import structlog

from services.kit.broker import Connection
from services.kit.dead_letters import DeadLetterLimit, DeadLetterOffice
from services.kit.errors import UnavailableError
from services.kit.metrics import StageMetrics
from services.kit.outputs import Held, settle
from services.kit.pause import pause
from services.kit.progress import Progress
from services.kit.records import Emit, Handler, Hold, Partition, Record, Reject
from services.kit.settings import StreamSettings

T = TypeVar("T")
log = structlog.stdlib.get_logger("stream")

POISON = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What bad data raises in a handler; anything else is the machine's fault and ends the process."""


class Stage(Generic[T]):
    """One step of the pipeline: a pure handler between a consumer group and a way to deliver.

    A session that breaks is replaced after a pause and goes on from the committed offsets: whatever goes
    wrong, a batch is delivered together with its offsets or not at all.
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
    ) -> None:
        self._connect = connect
        self._handler = handler
        self._office = office
        self._settings = settings
        self._metrics = metrics
        self._progress = progress
        self._limit = DeadLetterLimit(
            window=settings.dead_letter_window, allowed=settings.dead_letters_allowed
        )
        self._held_until: dict[Partition, float] = {}
        self._lag_due = 0.0

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

    async def _session(self, stop: asyncio.Event) -> AsyncIterator[int]:
        """Yield after every turn of one connection."""
        connection = self._connect()
        self._held_until.clear()
        try:
            await connection.open()
            self._progress.opened()
            while not stop.is_set():
                yield await self.turn(connection)
        finally:
            await connection.close()

    async def turn(self, connection: Connection[T]) -> int:
        """Take one batch all the way and return how many records are done with.

        1. Poll. 2. Handle. 3. Deliver results, dead letters and offsets. 4. Hold what must wait. 5. Account.
        Partitions are revoked between turns, never within one.
        """
        async with connection.turn():
            self._resume_due(connection)
            batches = await connection.poll()
            results = self._handle([record for batch in batches.values() for record in batch])
            settled = settle(batches, results, self._office)
            self._limit.check(settled.dead(), settled.handled())
            if settled.outputs:
                with self._metrics.committing():
                    await connection.deliver(settled.outputs)
            self._limit.count(settled.dead(), settled.handled())
            self._progress.turned(settled.outputs)
            for partition, held in settled.held.items():
                connection.rewind(partition, held.offset)
                self._hold(partition, held)
            self._metrics.account(settled)
            await self._watch(connection)
            return settled.handled()

    def _handle(self, records: Sequence[Record]) -> list[Emit[T] | Reject | Hold]:
        """Handle the batch at once; where that raises, one by one, so that only the poison is refused."""
        if not records:
            return []
        try:
            with self._metrics.handling():
                return list(self._handler(records))
        except POISON as error:
            if len(records) == 1:
                # Where, but not what: the message may quote the record, and logs hold no personal data.
                where = "{0.filename}:{0.lineno}".format(extract_tb(error.__traceback__)[-1])
                name = type(error).__name__
                log.error("record_crashed_handler", position=records[0].position(), error=name, where=where)  # noqa: TRY400
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
