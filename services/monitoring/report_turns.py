"""The table monitoring.reports, for those who make the reports: each request is taken by one instance."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final, Literal, NamedTuple

from services.kit.database import Connection, Database, rows_of
from services.monitoring.report_result import ReportResult
from services.monitoring.storage import WITHIN_SECONDS, storage_errors, transaction
from services.monitoring.summary import Told

AT_ONCE: Final = 20
"""Rows that a look for work takes in."""
ABANDONED: Final = "the instance that made it ended before it was done; ask for a new report"

OPEN: Final = """
SELECT report_id, state FROM monitoring.reports WHERE state IN ('requested', 'running')
ORDER BY requested_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended('report ' || %(report_id)s, 0)) AS locked"
RUNNING: Final = "UPDATE monitoring.reports SET state = 'running' WHERE report_id = %(report_id)s"
GIVE_UP: Final = """
UPDATE monitoring.reports SET state = 'failed', finished_at = %(now)s, error = %(error)s
WHERE report_id = %(report_id)s
"""
FINISH: Final = """
UPDATE monitoring.reports
SET state = %(state)s, finished_at = %(now)s, model_version = %(model_version)s, rows = %(rows)s,
    drifted = %(drifted)s, results = CAST(%(results)s AS jsonb), run_id = %(run_id)s,
    artifact = %(artifact)s, error = %(error)s
WHERE report_id = %(report_id)s
"""
SURPLUS: Final = """
SELECT report_id, run_id, artifact FROM monitoring.reports WHERE artifact IS NOT NULL
ORDER BY requested_at DESC OFFSET %(kept)s LIMIT %(limit)s
"""
WITHOUT_PAGE: Final = "UPDATE monitoring.reports SET artifact = NULL WHERE report_id = %(report_id)s"


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
async def taken(database: Database, now: datetime) -> AsyncIterator[str | None]:
    """Hold the oldest request that no instance holds, and yield its id; None where there is none.

    A lock of the session says that the request is in work, through all that takes, and ends with the
    instance however that ends. What runs without one is abandoned, and marked as failed here.
    """
    async with AsyncExitStack() as lent:
        with storage_errors():
            connection = await lent.enter_async_context(database.connection())
            # Not given back to be kept: the lock ends with the session.
            lent.push_async_callback(connection.close)
            async with asyncio.timeout(WITHIN_SECONDS), connection.transaction():
                report_id = await _take(connection, now)
        yield report_id


async def _take(connection: Connection, now: datetime) -> str | None:
    for row in await rows_of(connection, OPEN, {"limit": AT_ONCE}):
        asked = {"report_id": row["report_id"]}
        [lock] = await rows_of(connection, LOCK, asked)
        if not lock["locked"]:
            continue
        if row["state"] == "requested":
            await connection.execute(RUNNING, asked)
            return str(row["report_id"])
        await connection.execute(GIVE_UP, {**asked, "now": now, "error": ABANDONED})
    return None


async def finish(database: Database, report_id: str, outcome: Outcome, now: datetime) -> None:
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


async def surplus(database: Database, kept: int) -> list[OldPage]:
    """Return some of the pages that are older than the newest `kept`."""
    async with transaction(database) as connection:
        rows = await rows_of(connection, SURPLUS, {"kept": kept, "limit": AT_ONCE})
    return [OldPage(**row) for row in rows]


async def without_page(database: Database, report_id: str) -> None:
    """Note that a report's page is removed."""
    async with transaction(database) as connection:
        await connection.execute(WITHOUT_PAGE, {"report_id": report_id})
