"""What ticks told, in PostgreSQL: of each for days, of each hour for months.

Cleared alerts and finished reports are kept as long as hours: each tick removes some of those that are older.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.kit.database import Connection, Database, rows_of
from services.monitoring.block_table import packed, unpacked
from services.monitoring.report_requests import SCHEDULE
from services.monitoring.storage import storage_errors
from services.monitoring.summary import WindowSummary
from services.monitoring.tally import Tally

MOST_POINTS: Final = 500
MOST_REMOVED: Final = 100
"""Alerts, and as many reports, that one tick removes: more than come meanwhile, and few enough (3 ms) that no
tick is held up where years of them have gathered."""
_TICK = (
    "INSERT INTO monitoring.ticks (grain, at, period, segment, model_version, summary) "
    "VALUES (%(grain)s, %(at)s, %(period)s, %(segment)s, %(version)s, cast(%(summary)s AS jsonb)) "
    "ON CONFLICT (period, segment, grain, at) DO UPDATE SET summary = excluded.summary, "
    "model_version = excluded.model_version"
)
_WINDOW = (
    "INSERT INTO monitoring.windows (period, segment, model_version, at, summary, features) "
    "VALUES (%(period)s, %(segment)s, %(version)s, %(at)s, cast(%(summary)s AS jsonb), %(features)s) "
    "ON CONFLICT (period, segment) DO UPDATE SET (model_version, at, summary, features) = "
    "(excluded.model_version, excluded.at, excluded.summary, excluded.features)"
)
_LATEST = (
    "SELECT summary, features FROM monitoring.windows WHERE period = %(period)s AND segment = %(segment)s"
)
_SEGMENTS = "SELECT DISTINCT segment FROM monitoring.windows ORDER BY segment"
_FIRST = (
    "SELECT min(at) AS first FROM monitoring.ticks "
    "WHERE period = %(period)s AND segment = %(segment)s AND grain = %(grain)s "
    "AND at BETWEEN %(begin)s AND %(end)s"
)
# The last tick of as many equal spans of time as may be shown. As text: what reads it makes values of it too.
_HISTORY = (
    "SELECT DISTINCT ON (width_bucket(extract(epoch FROM at), %(from)s, %(to)s, %(points)s)) "
    "cast(summary AS text) AS summary FROM monitoring.ticks "
    "WHERE period = %(period)s AND segment = %(segment)s AND grain = %(grain)s "
    "AND at BETWEEN to_timestamp(%(from)s) AND to_timestamp(%(to)s) "
    "ORDER BY width_bucket(extract(epoch FROM at), %(from)s, %(to)s, %(points)s), at DESC"
)
_THIN = "DELETE FROM monitoring.ticks WHERE grain = %(grain)s AND at < %(before)s"
# Not what Kafka has not been told, nor what still silences the next alert of its rule and subject.
_OLD_ALERTS = """
DELETE FROM monitoring.alerts WHERE alert_id IN (
    SELECT alert_id FROM monitoring.alerts
    WHERE raised_at < %(before)s AND cleared_at < %(before)s
      AND (silenced_until IS NULL OR silenced_until < %(before)s)
      AND NOT jsonb_path_exists(event, '$.*.published ? (@ == false)')
    ORDER BY raised_at LIMIT %(most)s
)
"""
# Not one whose page MLflow has, which is removed by what its row says; nor the last that the clock asked for,
# whose id tells that its period has a report.
_OLD_REPORTS = """
DELETE FROM monitoring.reports WHERE report_id IN (
    SELECT report_id FROM monitoring.reports
    WHERE requested_at < %(before)s AND finished_at < %(before)s AND artifact IS NULL
      AND report_id IS DISTINCT FROM (
          SELECT report_id FROM monitoring.reports WHERE requested_by = %(schedule)s
          ORDER BY requested_at DESC LIMIT 1
      )
    ORDER BY requested_at LIMIT %(most)s
)
"""


class History:
    """Writes and reads summaries. Every method raises UnavailableError and FatalError."""

    def __init__(self, database: Database, *, keep_ticks: timedelta, keep_hours: timedelta) -> None:
        self._database = database
        self._keep_ticks = keep_ticks
        self._keep_hours = keep_hours

    async def record(self, told: Sequence[tuple[WindowSummary, Tally]]) -> None:
        """Record a tick: summaries with the sums of the features that they were made of."""
        with storage_errors():
            async with self._database.transaction() as connection:
                for summary, features in told:
                    await _record(connection, summary, features)
                await self._remove_old(connection, told[0][0].at)

    async def latest(self, period: str, segment: str) -> tuple[WindowSummary, Tally] | None:
        """Return a window as the last tick saw it, None before there was one."""
        with storage_errors():
            async with self._database.connection() as connection:
                found = await rows_of(connection, _LATEST, {"period": period, "segment": segment})
        if not found:
            return None
        [row] = found
        return WindowSummary.model_validate(row["summary"]), unpacked(row["features"])

    async def segments(self) -> list[str]:
        """Return the segments that were ever told of."""
        with storage_errors():
            async with self._database.connection() as connection:
                return [row["segment"] for row in await rows_of(connection, _SEGMENTS, {})]

    async def begun(self, period: str, segment: str, begin: datetime, end: datetime) -> datetime:
        """Return `begin`, or a later moment where ticks fill less than half of the time from there to `end`.

        A young engine has few: all points that may be told then belong to the part that has any.
        """
        asked = {"period": period, "segment": segment, "grain": self._grain(begin)}
        with storage_errors():
            async with self._database.connection() as connection:
                [found] = await rows_of(connection, _FIRST, {**asked, "begin": begin, "end": end})
        first: datetime | None = found["first"]
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
            async with self._database.connection() as connection:
                rows = await rows_of(connection, _HISTORY, asked)
        return grain, [row["summary"] for row in rows[-MOST_POINTS:]]

    async def _remove_old(self, connection: Connection, now: datetime) -> None:
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


async def _record(connection: Connection, summary: WindowSummary, features: Tally) -> None:
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
