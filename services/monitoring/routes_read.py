"""What the operators' page reads. Nothing of it changes anything."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.kit.errors import UnavailableError
from services.monitoring import dead_letters
from services.monitoring.history import read
from services.monitoring.mlflow_answers import PageError
from services.monitoring.parts import Parts, Served, window_of
from services.monitoring.problems import ProblemError, problems
from services.monitoring.report_requests import RequestedReport, listed
from services.monitoring.span import Asked, Span
from services.monitoring.summary import ALL, WindowSummary
from services.monitoring.views import csv_of, feature_of, history_of, json_of

MOST_SHOWN: Final = 200
STREAM_EVERY: Final = timedelta(seconds=1)
REPORT_HEADERS: Final = {
    # Evidently's page brings its own scripts; it may show itself and ask nobody anything.
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; sandbox allow-scripts allow-downloads",
}
UNKNOWN: Final = problems(HTTPStatus.NOT_FOUND)
router = APIRouter(
    prefix="/v1", responses=problems(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
)
Window = Annotated[str, Depends(window_of)]
# PostgreSQL has no room for U+0000, not even in a question.
Segment = Annotated[str, Query(max_length=200, pattern=r"^[^\u0000]*$")]
ReportId = Annotated[str, Path(max_length=200, pattern=r"^[^\u0000]*$")]


class Csv(PlainTextResponse):
    """A table."""

    media_type = "text/csv"


async def large(parts: Served) -> AsyncIterator[None]:
    """Hold a place among the large answers until it is sent. Raises ProblemError where all are taken."""
    async with parts.large.place():
        yield


@router.get("/windows")
async def windows(parts: Served) -> dict[str, Any]:
    """Return what can be looked at."""
    seconds = parts.settings.tick_every.total_seconds()
    segments = await parts.history.segments() or [ALL]
    return {"windows": parts.windows, "segments": segments, "refresh_seconds": seconds}


@router.get("/summary", responses=UNKNOWN)
async def summary(parts: Served, window: Window, segment: Segment = ALL) -> WindowSummary:
    """Return a window as the last tick saw it."""
    found = await parts.history.latest(window, segment)
    if found is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"Nothing was counted yet in {window}, {segment}.")
    return found[0]


@router.get("/pipeline")
async def pipeline(parts: Served) -> dict[str, Any]:
    """Return whether anything is stuck."""
    return await parts.looks.pipeline()


@router.get("/history", response_model=dict[str, Any], dependencies=[Depends(large)])
async def history(
    request: Request, parts: Served, span: Asked, window: Window, segment: Segment = ALL
) -> Response:
    """Return series between `from` and `to`, the last hour without them."""
    grain, found = await _between(parts, span, window, segment)

    def told() -> bytes:
        return json_of(history_of(grain, read(found), parts.settings.drift_from))

    return await parts.large.answer(request, told, "application/json")


@router.get("/export.csv", response_class=Csv, dependencies=[Depends(large)])
async def export(
    request: Request, parts: Served, span: Asked, window: Window, segment: Segment = ALL
) -> Response:
    """Return the same as a table, a row for each feature of each tick."""
    _, found = await _between(parts, span, window, segment)
    headers = {"Content-Disposition": 'attachment; filename="octroi-drift.csv"'}
    return await parts.large.answer(request, lambda: csv_of(read(found)), "text/csv", headers)


@router.get("/features/{name}", responses=UNKNOWN)
async def feature(parts: Served, name: str, window: Window, segment: Segment = ALL) -> dict[str, Any]:
    """Return a monitored feature's distribution in the reference and in a window."""
    watched, found = parts.champion.current, await parts.history.latest(window, segment)
    told = None
    if watched is not None and found is not None and found[0].model_version == watched.version:
        told = feature_of(watched, found[1], name)
    if told is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND, f"{name} is no monitored feature, or nothing was counted yet."
        )
    return told


@router.get("/performance")
async def performance(parts: Served) -> dict[str, Any]:
    """Return what observed outcomes say of the champion's decisions."""
    return await parts.looks.performance()


@router.get("/alerts")
async def alerts(parts: Served, *, every: Annotated[bool, Query(alias="all")] = False) -> dict[str, Any]:
    """Return the alerts that fire, or the latest ones."""
    return {"alerts": await parts.book.alerts(firing=None if every else True, limit=MOST_SHOWN)}


@router.get("/reports")
async def reports(parts: Served) -> dict[str, Any]:
    """Return the latest reports."""
    return {"reports": list(map(report_of, await listed(parts.database, MOST_SHOWN)))}


@router.get(
    "/reports/{report_id}/html",
    response_class=HTMLResponse,
    responses=UNKNOWN,
    dependencies=[Depends(large)],
)
async def report_page(request: Request, parts: Served, report_id: ReportId) -> Response:
    """Return a report's own page."""
    try:
        page = await parts.reporter.html(report_id)
    except PageError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from error
    return await parts.large.answer(request, lambda: page, "text/html", REPORT_HEADERS)


@router.get("/trainings")
async def trainings(parts: Served) -> dict[str, Any]:
    """Return the latest trainings, each with the alert that asked for it, and whether alerts may ask."""
    alerts = {each.alert_id: each for each in await parts.book.alerts(firing=None, limit=MOST_SHOWN)}
    listed = await parts.retraining.listed()
    told = [training | {"alert": alerts.get(training["training_id"])} for training in listed]
    return {"trainings": told, "enabled": bool(parts.settings.retrain)}


@router.get("/dead-letters")
async def refused(parts: Served) -> dict[str, Any]:
    """Return the latest dead letters."""
    return {"dead_letters": await dead_letters.latest(parts.database)}


async def place(parts: Served) -> AsyncIterator[None]:
    """Hold a place among the streams until the answer ends. Raises ProblemError where all are taken."""
    async with parts.streams.place():
        yield


@router.get("/stream", response_class=EventSourceResponse, dependencies=[Depends(place)])
async def stream(parts: Served) -> AsyncIterator[ServerSentEvent]:
    """Tell of each tick as a server-sent event."""
    told: datetime | None = None
    yield ServerSentEvent(retry=2000)
    while not parts.stopping():
        # While PostgreSQL is away there is nothing to tell.
        with suppress(UnavailableError):
            newest = await parts.looks.newest_tick()
            if newest is not None and newest != told:
                told = newest
                yield ServerSentEvent(event="tick", data={"at": told})
        await asyncio.sleep(STREAM_EVERY.total_seconds())


async def _between(parts: Parts, span: Span, window: str, segment: str) -> tuple[str, Sequence[str]]:
    begin = await parts.history.begun(window, segment, span.begin, span.end)
    return await parts.history.between(window, segment, begin, span.end)


def report_of(report: RequestedReport) -> dict[str, Any]:
    """Return a report as the page lists it."""
    told = report.model_dump(exclude={"results", "run_id", "artifact"})
    return told | {"html": f"/v1/reports/{report.report_id}/html" if report.artifact else None}
