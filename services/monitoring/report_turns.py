"""The table monitoring.reports, for those who make the reports: each request is taken by one instance."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.monitoring.report_requests import rows_of
from services.monitoring.report_result import ReportResult
from services.monitoring.storage import WITHIN_SECONDS, storage_errors, transaction
from services.monitoring.summary import Told

AT_ONCE: Final = 20
"""Rows that a look for work takes in."""
ABANDONED: Final = "the instance that made it ended before it was done; ask for a new report"

OPEN: Final = text("""
SELECT report_id, state FROM monitoring.reports WHERE state IN ('requested', 'running')
ORDER BY requested_at LIMIT :limit FOR UPDATE SKIP LOCKED
""")
LOCK: Final = text("SELECT pg_try_advisory_lock(hashtextextended('report ' || :report_id, 0))")
RUNNING: Final = text("UPDATE monitoring.reports SET state = 'running' WHERE report_id = :report_id")
GIVE_UP: Final = text("""
UPDATE monitoring.reports SET state = 'failed', finished_at = :now, error = :error
WHERE report_id = :report_id
""")
FINISH: Final = text("""
UPDATE monitoring.reports
SET state = :state, finished_at = :now, model_version = :model_version, rows = :rows, drifted = :drifted,
    results = CAST(:results AS jsonb), run_id = :run_id, artifact = :artifact, error = :error
WHERE report_id = :report_id
""")
SURPLUS: Final = text("""
SELECT report_id, run_id, artifact FROM monitoring.reports WHERE artifact IS NOT NULL
ORDER BY requested_at DESC OFFSET :kept LIMIT :limit
""")
WITHOUT_PAGE: Final = text("UPDATE monitoring.reports SET artifact = NULL WHERE report_id = :report_id")


class Outcome(Told):
    """What became of a request."""

    state: Literal["done", "failed"]
    model_version: str | None = None
    results: ReportResult | None = None
    run_id: str | None = None
    artifact: str | None = None
    error: str | None = None
    """Why it failed."""


class OldPage(NamedTuple):
    """A page that is kept no longer."""

    report_id: str
    run_id: str
    artifact: str


@asynccontextmanager
async def taken(database: AsyncEngine, now: datetime) -> AsyncIterator[str | None]:
    """Hold the oldest request that no instance holds, and yield its id; None where there is none.

    A lock of the session says that the request is in work, through all that takes, and ends with the
    instance however that ends. What runs without one is abandoned, and marked as failed here.
    """
    with storage_errors():
        connection = await database.connect()
    try:
        with storage_errors():
            async with asyncio.timeout(WITHIN_SECONDS), connection.begin():
                report_id = await _take(connection, now)
        yield report_id
    finally:
        # Not given back to the pool as it is: the lock ends with the session.
        await connection.invalidate()
        await connection.close()


async def _take(connection: AsyncConnection, now: datetime) -> str | None:
    for report_id, state in (await connection.execute(OPEN, {"limit": AT_ONCE})).all():
        if not (await connection.execute(LOCK, {"report_id": report_id})).scalar_one():
            continue
        if state == "requested":
            await connection.execute(RUNNING, {"report_id": report_id})
            return str(report_id)
        await connection.execute(GIVE_UP, {"report_id": report_id, "now": now, "error": ABANDONED})
    return None


async def finish(database: AsyncEngine, report_id: str, outcome: Outcome, now: datetime) -> None:
    """Write what became of a request."""
    results = outcome.results
    given = {
        **outcome.model_dump(exclude={"results"}),
        "report_id": report_id,
        "now": now,
        "rows": results and results.rows,
        "drifted": results and results.drifted,
        "results": results and results.model_dump_json(),
    }
    async with transaction(database) as connection:
        await connection.execute(FINISH, given)


async def surplus(database: AsyncEngine, kept: int) -> list[OldPage]:
    """Return some of the pages that are older than the newest `kept`."""
    return [OldPage(**row) for row in await rows_of(database, SURPLUS, kept=kept, limit=AT_ONCE)]


async def without_page(database: AsyncEngine, report_id: str) -> None:
    """Note that a report's page is removed."""
    async with transaction(database) as connection:
        await connection.execute(WITHOUT_PAGE, {"report_id": report_id})
