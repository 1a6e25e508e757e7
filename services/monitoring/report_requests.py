"""The table monitoring.reports, for those who ask for a drift report and those who look at it."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import uuid4

from services.kit.database import Database, rows_of
from services.monitoring.report_result import ReportResult
from services.monitoring.storage import transaction
from services.monitoring.summary import Told

SCHEDULE: Final = "schedule"
"""Who asked for the reports that nobody asked for."""

# A click while a request waits is that request: each costs seconds of CPU.
REQUEST: Final = """
WITH waiting AS (
    SELECT report_id FROM monitoring.reports WHERE state = 'requested' ORDER BY requested_at LIMIT 1
), made AS (
    INSERT INTO monitoring.reports (report_id, requested_at, requested_by, state)
    SELECT %(report_id)s, %(now)s, %(by)s, 'requested' WHERE NOT EXISTS (SELECT FROM waiting)
    RETURNING report_id
)
SELECT report_id FROM made UNION ALL SELECT report_id FROM waiting
"""
# The id tells the period, so that of several instances one makes the request.
SCHEDULED: Final = """
INSERT INTO monitoring.reports (report_id, requested_at, requested_by, state)
SELECT %(report_id)s, %(now)s, %(by)s, 'requested'
WHERE NOT EXISTS (SELECT FROM monitoring.reports WHERE state IN ('requested', 'running'))
ON CONFLICT (report_id) DO NOTHING
"""
LISTED: Final = "SELECT * FROM monitoring.reports ORDER BY requested_at DESC, report_id LIMIT %(limit)s"
FOUND: Final = "SELECT * FROM monitoring.reports WHERE report_id = %(report_id)s"


class RequestedReport(Told):
    """A row of the table."""

    report_id: str
    requested_at: datetime
    requested_by: str
    state: Literal["requested", "running", "done", "failed"]
    finished_at: datetime | None
    model_version: str | None
    rows: int | None
    drifted: int | None
    results: ReportResult | None
    """Kept where the report was made, even when its page could not be stored."""
    run_id: str | None
    artifact: str | None
    """Where MLflow keeps the page; None where it does not."""
    error: str | None
    """Why it failed."""


async def request(database: Database, by: str, now: datetime) -> str:
    """Ask for a report and return its id: that of the request that waits already, where one does."""
    async with transaction(database) as connection:
        given = {"report_id": uuid4().hex, "by": by, "now": now}
        [kept] = await rows_of(connection, REQUEST, given)
    return str(kept["report_id"])


async def due(database: Database, every: timedelta, now: datetime) -> bool:
    """Ask for the report of this period, unless an instance did or a report is on its way; tell whether."""
    begins = now.timestamp() // every.total_seconds() * every.total_seconds()
    period = datetime.fromtimestamp(begins, UTC)
    async with transaction(database) as connection:
        given = {"report_id": f"{SCHEDULE}-{period:%Y%m%dT%H%M%SZ}", "by": SCHEDULE, "now": now}
        return bool((await connection.execute(SCHEDULED, given)).rowcount)


async def listed(database: Database, limit: int) -> list[RequestedReport]:
    """Return the reports asked for last, the newest first."""
    async with transaction(database) as connection:
        rows = await rows_of(connection, LISTED, {"limit": limit})
    return [RequestedReport.model_validate(row) for row in rows]


async def found(database: Database, report_id: str) -> RequestedReport | None:
    """Return a report; None where nobody asked for it."""
    async with transaction(database) as connection:
        rows = await rows_of(connection, FOUND, {"report_id": report_id})
    return RequestedReport.model_validate(rows[0]) if rows else None
