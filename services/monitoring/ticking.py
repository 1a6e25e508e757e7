"""The tick: every few seconds one instance sums the windows, records what they tell, and tells it on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

import structlog

from services.contracts.topics import DECISIONS, FEATURES
from services.kit.database import Connection, Database, rows_of
from services.kit.errors import UnavailableError
from services.kit.pause import pause
from services.monitoring.champion import Champion, Watched
from services.monitoring.history import History
from services.monitoring.merging import Merger
from services.monitoring.metrics import MonitoringMetrics
from services.monitoring.settings import MonitoringSettings
from services.monitoring.storage import storage_errors
from services.monitoring.summarising import summarise
from services.monitoring.summary import WindowSummary
from services.monitoring.tally import Tally
from services.monitoring.windows import SPANS, Window, WindowReader

LEADER: Final = 0x0C7201
"""Number of the advisory lock: who holds it ticks, and PostgreSQL gives it on when that instance is gone."""
LOCK: Final = "SELECT pg_try_advisory_lock(%(number)s) AS locked"
log = structlog.stdlib.get_logger("tick")
Tell = Callable[[Watched, Sequence[WindowSummary]], Awaitable[None]]


class Ticker:
    """Ticks while this instance is the one that leads."""

    def __init__(
        self,
        database: Database,
        champion: Champion,
        history: History,
        *,
        settings: MonitoringSettings,
        metrics: MonitoringMetrics,
        tell: Tell,
    ) -> None:
        """Take the parts; `tell` hears the summaries of each tick and of whom, after they are recorded."""
        self._database = database
        self._champion = champion
        self._history = history
        self._settings = settings
        self._metrics = metrics
        self._tell = tell
        self._reader = WindowReader(database)
        self._merger = Merger(database, settings.last)

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop`, or wait for the turn to lead. Raises FatalError."""
        while not stop.is_set():
            try:
                with storage_errors():
                    async with self._database.connection() as connection:
                        if await _leads(connection):
                            try:
                                await self._lead(connection, stop)
                            finally:
                                self._metrics.rested()
                                # Kept, it would go on holding the lock, and nobody would lead.
                                await connection.close()
            except UnavailableError as error:
                log.warning("tick_missed", error=str(error))
            await pause(self._settings.tick_every, stop)

    async def _lead(self, connection: Connection, stop: asyncio.Event) -> None:
        log.info("leading")
        # A standby that took over may draw numbers again that name other blocks here.
        self._reader = WindowReader(self._database)
        while not stop.is_set():
            # The lock is this connection's: were it lost, this would raise.
            await connection.execute("SELECT 1")
            if self._champion.current is not None:
                await self.tick(self._champion.current, datetime.now(UTC))
            await pause(self._settings.tick_every, stop)

    async def tick(self, watched: Watched, now: datetime) -> None:
        """Sum all windows, record what they tell, and tell it on. Raises UnavailableError, FatalError."""
        begun = perf_counter()
        # First: of a flood, the few parts that it becomes are read, and not its blocks.
        await self._merger.merge(now)
        await self._reader.refresh(watched.version, now)
        told = [
            self._summary(watched, now, window, segment)
            for segment in self._reader.segments()
            for window in (self._settings.window, *SPANS)
        ]
        if told:
            await self._history.record(told)
        summaries = [summary for summary, _ in told]
        self._metrics.ticked(summaries, perf_counter() - begun)
        await self._tell(watched, summaries)

    def _summary(
        self, watched: Watched, now: datetime, window: str, segment: str
    ) -> tuple[WindowSummary, Tally]:
        features, decisions = (
            self._window(topic, window, segment, now) for topic in (FEATURES.name, DECISIONS.name)
        )
        summary = summarise(
            watched,
            features,
            decisions,
            at=now,
            window=window,
            segment=segment,
            threshold=self._settings.drift_from,
            challenger=self._champion.challenger,
        )
        return summary, watched.features.empty() if features.tally is None else features.tally

    def _window(self, topic: str, window: str, segment: str, now: datetime) -> Window:
        if window in SPANS:
            return self._reader.since(topic, segment, now - SPANS[window])
        return self._reader.last(topic, segment, self._settings.last)


async def _leads(connection: Connection) -> bool:
    [lock] = await rows_of(connection, LOCK, {"number": LEADER})
    return bool(lock["locked"])
