"""What ticks told, in PostgreSQL: of each for days, of each hour for months.

Cleared alerts and finished reports are kept as long as hours: each tick removes some of those that are older.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.monitoring.block_table import packed, unpacked
from services.monitoring.report_requests import SCHEDULE
from services.monitoring.storage import storage_errors
from services.monitoring.summary import WindowSummary
from services.monitoring.tally import Tally

MOST_POINTS: Final = 500
MOST_REMOVED: Final = 100
"""Alerts, and as many reports, that one tick removes: more than come meanwhile, and few enough (3 ms) that no
tick is held up where years of them have gathered."""
_TICK = text(
    "INSERT INTO monitoring.ticks (grain, at, period, segment, model_version, summary) "
    "VALUES (:grain, :at, :period, :segment, :version, cast(:summary AS jsonb)) "
    "ON CONFLICT (period, segment, grain, at) DO UPDATE SET summary = excluded.summary, "
    "model_version = excluded.model_version"
)
_WINDOW = text(
    "INSERT INTO monitoring.windows (period, segment, model_version, at, summary, features) "
    "VALUES (:period, :segment, :version, :at, cast(:summary AS jsonb), :features) "
    "ON CONFLICT (period, segment) DO UPDATE SET (model_version, at, summary, features) = "
    "(excluded.model_version, excluded.at, excluded.summary, excluded.features)"
)
_LATEST = text(
    "SELECT summary, features FROM monitoring.windows WHERE period = :period AND segment = :segment"
)
_SEGMENTS = text("SELECT DISTINCT segment FROM monitoring.windows ORDER BY segment")
_FIRST = text(
    "SELECT min(at) FROM monitoring.ticks WHERE period = :period AND segment = :segment AND grain = :grain "
    "AND at BETWEEN :begin AND :end"
)
# The last tick of as many equal spans of time as may be shown. As text: what reads it makes values of it too.
_HISTORY = text(
    "SELECT DISTINCT ON (width_bucket(extract(epoch FROM at), :from, :to, :points)) cast(summary AS text) "
    "FROM monitoring.ticks WHERE period = :period AND segment = :segment AND grain = :grain "
    "AND at BETWEEN to_timestamp(:from) AND to_timestamp(:to) "
    "ORDER BY width_bucket(extract(epoch FROM at), :from, :to, :points), at DESC"
)
_THIN = text("DELETE FROM monitoring.ticks WHERE grain = :grain AND at < :before")
# Not what Kafka has not been told, nor what still silences the next alert of its rule and subject.
_OLD_ALERTS = text("""
DELETE FROM monitoring.alerts WHERE alert_id IN (
    SELECT alert_id FROM monitoring.alerts
    WHERE raised_at < :before AND cleared_at < :before
      AND (silenced_until IS NULL OR silenced_until < :before)
      AND NOT jsonb_path_exists(event, '$.*.published ? (@ == false)')
    ORDER BY raised_at LIMIT :most
)
""")
# Not one whose page MLflow has, which is removed by what its row says; nor the last that the clock asked for,
# whose id tells that its period has a report.
_OLD_REPORTS = text("""
DELETE FROM monitoring.reports WHERE report_id IN (
    SELECT report_id FROM monitoring.reports
    WHERE requested_at < :before AND finished_at < :before AND artifact IS NULL
      AND report_id IS DISTINCT FROM (
          SELECT report_id FROM monitoring.reports WHERE requested_by = :schedule
          ORDER BY requested_at DESC LIMIT 1
      )
    ORDER BY requested_at LIMIT :most
)
""")


class History:
    """Writes and reads summaries. Every method raises UnavailableError and FatalError."""

    def __init__(self, database: AsyncEngine, *, keep_ticks: timedelta, keep_hours: timedelta) -> None:
        self._database = database
        self._keep_ticks = keep_ticks
        self._keep_hours = keep_hours

    async def record(self, told: Sequence[tuple[WindowSummary, Tally]]) -> None:
        """Record a tick: summaries with the sums of the features that they were made of."""
        with storage_errors():
            async with self._database.begin() as connection:
                for summary, features in told:
                    await _record(connection, summary, features)
                await self._remove_old(connection, told[0][0].at)

    async def latest(self, period: str, segment: str) -> tuple[WindowSummary, Tally] | None:
        """Return a window as the last tick saw it, None before there was one."""
        with storage_errors():
            async with self._database.connect() as connection:
                row = (await connection.execute(_LATEST, {"period": period, "segment": segment})).first()
        return None if row is None else (WindowSummary.model_validate(row.summary), unpacked(row.features))

    async def segments(self) -> list[str]:
        """Return the segments that were ever told of."""
        with storage_errors():
            async with self._database.connect() as connection:
                return list((await connection.execute(_SEGMENTS)).scalars())

    async def begun(self, period: str, segment: str, begin: datetime, end: datetime) -> datetime:
        """Return `begin`, or a later moment where ticks fill less than half of the time from there to `end`.

        A young engine has few: all points that may be told then belong to the part that has any.
        """
        asked = {"period": period, "segment": segment, "grain": self._grain(begin)}
        with storage_errors():
            async with self._database.connect() as connection:
                given = {**asked, "begin": begin, "end": end}
                first: datetime | None = (await connection.execute(_FIRST, given)).scalar()
        if first is None or end - first >= (end - begin) / 2:
            return begin
        # Before the end in any case: a time without length has no parts.
        return first - max((end - begin) / MOST_POINTS, timedelta.resolution)

    async def between(
        self, period: str, segment: str, begin: datetime, end: datetime
    ) -> tuple[str, Sequence[str]]:
        """Return the grain, raw or hour, and at most MOST_POINTS summaries of a window, the oldest first.

        They are as they were written, for `read`. `begin` must lie before `end`.
        """
        grain = self._grain(begin)
        asked: dict[str, Any] = {"period": period, "segment": segment, "grain": grain, "points": MOST_POINTS}
        asked |= {"from": begin.timestamp(), "to": end.timestamp()}
        with storage_errors():
            async with self._database.connect() as connection:
                rows = (await connection.execute(_HISTORY, asked)).scalars().all()
        return grain, rows[-MOST_POINTS:]

    async def _remove_old(self, connection: AsyncConnection, now: datetime) -> None:
        hours = now - self._keep_hours
        for grain, before in (("raw", now - self._keep_ticks), ("hour", hours)):
            await connection.execute(_THIN, {"grain": grain, "before": before})
        old = {"before": hours, "most": MOST_REMOVED}
        await connection.execute(_OLD_ALERTS, old)
        await connection.execute(_OLD_REPORTS, {**old, "schedule": SCHEDULE})

    def _grain(self, begin: datetime) -> str:
        return "raw" if datetime.now(UTC) - begin <= self._keep_ticks else "hour"


def read(summaries: Iterable[str]) -> Iterator[WindowSummary]:
    """Yield summaries that `History.between` found. Hundreds take a tenth of a second: do it in a thread."""
    return map(WindowSummary.model_validate_json, summaries)


async def _record(connection: AsyncConnection, summary: WindowSummary, features: Tally) -> None:
    row = {
        "at": summary.at,
        "period": summary.window,
        "segment": summary.segment,
        "version": summary.model_version,
        "summary": summary.model_dump_json(),
    }
    await connection.execute(_WINDOW, {**row, "features": packed(features)})
    await connection.execute(_TICK, {**row, "grain": "raw"})
    # Until the hour is over its row is written again and again: its last tick stays.
    hour = summary.at.replace(minute=0, second=0, microsecond=0)
    await connection.execute(_TICK, {**row, "grain": "hour", "at": hour})
