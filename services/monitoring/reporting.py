"""Drift reports as a service: requests from PostgreSQL, a process for each, pages in MLflow."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from services.contracts.event import printable
from services.kit.database import Database
from services.kit.errors import FatalError, UnavailableError
from services.kit.logs import where
from services.kit.pause import pause
from services.monitoring.mlflow_answers import PageError
from services.monitoring.report_files import CurrentRows, write_window
from services.monitoring.report_pages import Kept, ReportPages
from services.monitoring.report_requests import due, found
from services.monitoring.report_result import ReportResult
from services.monitoring.report_run import ReportError, run_report
from services.monitoring.report_turns import Outcome, finish, surplus, taken, without_page

LONGEST_ERROR: Final = 1000
"""Characters of why a report failed: some errors quote what they could not read."""
log = structlog.stdlib.get_logger("reporting")


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """How reports are made."""

    every: timedelta = timedelta(minutes=5)
    """A report is made so often without being asked for."""
    look_every: timedelta = timedelta(seconds=2)
    """How often requests are looked for."""
    within: timedelta = timedelta(minutes=2)
    """A report that is not made by then is given up."""
    threshold: float = 0.1
    """Distance from which a feature counts as drifted."""
    least_rows: int = 500
    """A smaller window is not compared."""
    keep_pages: int = 50
    """Pages of the newest reports stay in MLflow: each has about 5 MB. Figures of all stay in PostgreSQL."""


class Reporter:
    """Makes the reports that are asked for, one at a time. Several instances share the requests."""

    def __init__(
        self,
        database: Database,
        pages: ReportPages,
        rows: Callable[[], Awaitable[CurrentRows]],
        settings: ReportSettings,
    ) -> None:
        """`rows` returns the window; it may raise UnavailableError or ReportError with a sentence."""
        self._database = database
        self._pages = pages
        self._rows = rows
        self._settings = settings

    async def run(self, stop: asyncio.Event) -> None:
        """Ask for a report at the own pace and make those asked for, until `stop`."""
        while not stop.is_set():
            try:
                await due(self._database, self._settings.every, datetime.now(UTC))
                if await self.turn():
                    continue
            except UnavailableError as error:
                log.warning("reports_wait", error=str(error))
            await pause(self._settings.look_every, stop)

    async def turn(self) -> str | None:
        """Make the report that waits longest and return its id; None where none waits.

        Raises UnavailableError where PostgreSQL is away: a report that was begun is then marked as failed
        by the next turn of any instance.
        """
        async with taken(self._database, datetime.now(UTC)) as report_id:
            if report_id is None:
                return None
            outcome = await self._outcome(report_id)
            await finish(self._database, report_id, outcome, datetime.now(UTC))
        log.info("report_made", report_id=report_id, state=outcome.state, error=outcome.error)
        await self._drop_surplus()
        return report_id

    async def html(self, report_id: str) -> bytes:
        """Return a report's page. Raises PageError where it has none, UnavailableError like `turn`."""
        report = await found(self._database, report_id)
        if report is None:
            raise PageError(f"nobody asked for a report {report_id}")
        if report.artifact is None:
            state = "pages of old reports are not kept" if report.run_id else f"it is {report.state}"
            why = report.error or state
            raise PageError(f"report {report_id} has no page: {why}")
        return await self._pages.read(report.artifact)

    async def _outcome(self, report_id: str) -> Outcome:
        """Make a report, or tell why there is none, in what PostgreSQL has room for."""
        try:
            outcome = await self._make(report_id)
        except FatalError:
            raise
        except Exception as error:  # noqa: BLE001 - the same would happen at the next report, and the one after
            name = type(error).__name__
            log.error("report_crashed", report_id=report_id, error=name, where=where(error))  # noqa: TRY400
            outcome = Outcome(state="failed", error=f"the service could not make it: {name}: {error}")
        why = outcome.error and printable(" ".join(outcome.error.split()), LONGEST_ERROR)
        return outcome.model_copy(update={"error": why})

    async def _make(self, report_id: str) -> Outcome:
        try:
            rows = await self._rows()
        except (ReportError, UnavailableError) as error:
            return Outcome(state="failed", error=f"there is no window to report on: {error}")
        try:
            result, page = await self._report(rows)
        except ReportError as error:
            return Outcome(state="failed", model_version=rows.model_version, error=str(error))
        return await self._keep(report_id, rows.model_version, result, page)

    async def _report(self, rows: CurrentRows) -> tuple[ReportResult, bytes]:
        if not rows.reference:
            raise ReportError(f"version {rows.model_version} has no reference rows: train and register again")
        settings = self._settings
        with TemporaryDirectory(prefix="octroi-report-") as name:
            folder = Path(name)
            window = folder / "window.npz"
            try:
                await asyncio.to_thread(
                    write_window, window, rows, threshold=settings.threshold, least_rows=settings.least_rows
                )
            except ValueError as error:
                raise ReportError(
                    f"the reference rows of version {rows.model_version} cannot be read ({error}): "
                    "train and register again"
                ) from error
            return await run_report(window, folder, settings.within)

    async def _keep(self, report_id: str, version: str, result: ReportResult, page: bytes) -> Outcome:
        try:
            kept = await self._pages.keep(report_id, version, result, page, datetime.now(UTC))
        except (PageError, UnavailableError) as error:
            fault = f"the report is made, but its page could not be stored; ask for a new one: {error}"
            return Outcome(state="failed", model_version=version, results=result, error=fault)
        return Outcome(state="done", model_version=version, results=result, **kept._asdict())

    async def _drop_surplus(self) -> None:
        """Remove pages of old reports; what MLflow does not remove now is tried after the next report."""
        for page in await surplus(self._database, self._settings.keep_pages):
            try:
                await self._pages.drop(Kept(page.run_id, page.artifact))
            except (PageError, UnavailableError) as error:
                log.warning("page_not_removed", report_id=page.report_id, error=str(error))
                return
            await without_page(self._database, page.report_id)
