"""Drift reports on a real PostgreSQL, a real MLflow server and the real process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import FatalError, UnavailableError
from services.monitoring.mlflow_answers import PageError
from services.monitoring.report_files import CurrentRows
from services.monitoring.report_pages import ReportPages
from services.monitoring.report_requests import RequestedReport, due, found, listed, request
from services.monitoring.report_result import ReportResult
from services.monitoring.report_turns import Outcome, finish
from services.monitoring.reporting import LONGEST_ERROR, Reporter, ReportSettings
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.profile import reference_profile, reference_rows
from tests.engine import free_port
from tests.integration.kit.waiting import until
from tests.integration.ledger.migrating import new_database
from tests.unit.monitoring.population import reference_of

pytestmark = [pytest.mark.postgres, pytest.mark.mlflow]

NOW = datetime(2026, 11, 25, 12, 3, tzinfo=UTC)
NAMES = ("AMT_CREDIT", "AMT_GONE", "NAME_CONTRACT_TYPE")
WORDS = ("Cash loans", "Revolving loans")
FIVE_MINUTES = timedelta(minutes=5)
NOTHING_FOUND = ReportResult(
    rows=7, reference_rows=9, threshold=0.1, compared=(), set_aside=(), untested="the window is small"
)
OTHERS_ENDED = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
HAS_PROC = Path("/proc/self/status").exists()
Rows = Callable[[], Awaitable[CurrentRows]]


def matrix(rows: int, shift: float, missing: float) -> Matrix:
    random = np.random.default_rng(3)
    columns = (
        random.normal(5e5 + shift, 1e5, rows),
        np.full(rows, missing),
        random.integers(0, len(WORDS), rows),
    )
    return np.ascontiguousarray(np.array(columns, dtype=np.float32).T)


async def window(rows: int = 600) -> CurrentRows:
    learnt = matrix(1500, 0, 1)
    definitions = [
        FeatureDefinition(name, "a feature", ("AMT_CREDIT",), categories=WORDS if name == NAMES[-1] else ())
        for name in NAMES
    ]
    profile = reference_profile(learnt, definitions, NAMES, np.full(len(learnt), 600))
    reference = reference_rows(learnt, NAMES, NAMES, seed=1)
    return CurrentRows("7", profile.features, reference, matrix(rows, 5e4, np.nan))


async def small_window() -> CurrentRows:
    return await window(10)


async def no_window() -> CurrentRows:
    raise UnavailableError("the stream is away")


@dataclass
class Scene:
    """Instances of the service on one database."""

    url: str
    mlflow: str
    closing: AsyncExitStack

    def database(self) -> Database:
        opened = Database(DatabaseSettings(url=SecretStr(self.url)))
        self.closing.push_async_callback(opened.close)
        return opened

    async def pages(self, address: str | None = None) -> ReportPages:
        client = httpx.AsyncClient(base_url=address or self.mlflow, timeout=30)
        return ReportPages(await self.closing.enter_async_context(client))

    async def reporter(
        self, rows: Rows, address: str | None = None, settings: ReportSettings | None = None
    ) -> Reporter:
        return Reporter(self.database(), await self.pages(address), rows, settings or ReportSettings())


@pytest.fixture
async def scene(postgres_url: str, template: str, mlflow_uri: str) -> AsyncIterator[Scene]:
    with new_database(postgres_url, template) as url:
        async with AsyncExitStack() as closing:
            yield Scene(url, mlflow_uri, closing)


async def report_of(database: Database, report_id: str) -> RequestedReport:
    report = await found(database, report_id)
    assert report is not None
    return report


async def run_of(scene: Scene, run_id: str) -> dict[str, Any]:
    pages = await scene.pages()
    answer = await pages.client.get("/api/2.0/mlflow/runs/get", params={"run_id": run_id})
    return dict(answer.raise_for_status().json()["run"])


async def test_of_two_reporters_one_makes_the_report_and_both_can_show_it(scene: Scene) -> None:
    one, other = await scene.reporter(window), await scene.reporter(window)
    database = scene.database()
    report_id = await request(database, "anna", NOW)
    taken = await asyncio.gather(one.turn(), other.turn())
    assert sorted(map(str, taken)) == sorted([report_id, "None"])

    report = await report_of(database, report_id)
    assert (report.state, report.error, report.requested_by) == ("done", None, "anna")
    assert (report.model_version, report.rows, report.drifted) == ("7", 600, 1)
    assert report.results is not None
    assert {each.name: each.drifted for each in report.results.compared} == {
        "AMT_CREDIT": True,
        "NAME_CONTRACT_TYPE": False,
    }
    assert [each.name for each in report.results.set_aside] == ["AMT_GONE"]
    page, same = await one.html(report_id), await other.html(report_id)
    assert page == same
    assert b"Revolving loans" in page
    assert b"missing in every row of the window" in page

    assert report.run_id is not None
    run = await run_of(scene, report.run_id)
    figures = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
    assert run["info"]["status"] == "FINISHED"
    assert figures["distance/AMT_CREDIT"] == pytest.approx(report.results.compared[0].distance)
    assert (figures["rows"], figures["features_drifted"], figures["features_set_aside"]) == (600, 1, 1)
    assert await one.turn() is None


async def test_figures_stay_when_mlflow_is_away_and_the_report_can_be_asked_for_again(scene: Scene) -> None:
    away = await scene.reporter(small_window, f"http://127.0.0.1:{free_port()}")
    database = scene.database()
    first = await request(database, "anna", NOW)
    assert await away.turn() == first
    report = await report_of(database, first)
    assert report.state == "failed"
    assert report.error is not None
    assert "its page could not be stored; ask for a new one: MLflow is away" in report.error
    assert report.results is not None
    assert report.results.untested is not None
    assert (report.rows, report.drifted) == (10, 0)
    with pytest.raises(PageError, match="has no page: the report is made, but its page"):
        await away.html(first)

    again = await scene.reporter(small_window)
    second = await request(database, "anna", NOW)
    assert await again.turn() == second
    assert (await report_of(database, second)).state == "done"
    assert report.results.untested.encode() in await again.html(second)


def own_report_processes() -> list[int]:
    """Return the processes that reporters of this test started."""
    own = f"\nPPid:\t{os.getpid()}\n"
    found_here = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                "report_process" in (folder / "cmdline").read_text()
                and own in (folder / "status").read_text()
            ):
                found_here.append(int(folder.name))
        except OSError:
            # It has just ended.
            continue
    return found_here


@pytest.mark.skipif(not HAS_PROC, reason="finding the process needs Linux's /proc")
async def test_a_report_whose_process_is_killed_has_failed(scene: Scene) -> None:
    reporter, database = await scene.reporter(window), scene.database()
    report_id = await request(database, "anna", NOW)
    working = asyncio.create_task(reporter.turn())
    await until(lambda: bool(own_report_processes()))
    for process in own_report_processes():
        os.kill(process, signal.SIGKILL)
    assert await working == report_id
    report = await report_of(database, report_id)
    assert report.state == "failed"
    assert report.error == "the report's process was killed by signal 9: had the machine memory left?"


async def test_a_report_that_takes_too_long_is_given_up(scene: Scene) -> None:
    reporter = await scene.reporter(window, settings=ReportSettings(within=timedelta(milliseconds=1)))
    database = scene.database()
    report_id = await request(database, "anna", NOW)
    assert await reporter.turn() == report_id
    report = await report_of(database, report_id)
    assert report.state == "failed"
    assert "was not made within 0.001 s and was given up" in str(report.error)
    if HAS_PROC:
        assert own_report_processes() == []


async def test_a_report_in_work_is_left_alone_and_an_abandoned_one_has_failed(scene: Scene) -> None:
    async def never() -> CurrentRows:
        await asyncio.Event().wait()
        raise AssertionError

    one, other, database = await scene.reporter(never), await scene.reporter(no_window), scene.database()
    report_id = await request(database, "anna", NOW)

    async def state_is(state: str) -> bool:
        return (await report_of(database, report_id)).state == state

    async def is_given_up() -> bool:
        assert await other.turn() is None
        return await state_is("failed")

    working = asyncio.create_task(one.turn())
    await until(lambda: state_is("running"))
    assert await other.turn() is None
    assert await state_is("running")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await until(is_given_up)
    assert "ended before it was done" in str((await report_of(database, report_id)).error)


@pytest.mark.parametrize(
    ("lacking", "error"),
    [
        ("window", "there is no window to report on: the stream is away"),
        ("reference", "version 7 has no reference rows: train and register again"),
        ("column", "the report's process ended with code 1: ValueError: the window has the shape (600, 2)"),
        (
            "features",
            "the reference rows of version 7 cannot be read (has 3 columns, and 2 features are monitored): ",
        ),
        ("array", "the reference rows of version 7 cannot be read (is no table of float32 numbers"),
        (
            "memory",
            "the reference rows of version 7 cannot be read (has 1000000000000000 rows, at most 10000",
        ),
    ],
)
async def test_what_a_report_cannot_be_made_of_is_said(scene: Scene, lacking: str, error: str) -> None:
    async def rows() -> CurrentRows:
        whole = await (no_window if lacking == "window" else window)()
        features = whole.features[1:] if lacking == "features" else whole.features
        instead = {"reference": b"", "array": b"no array", "memory": reference_of((10**15, len(NAMES)))}
        reference = instead.get(lacking, whole.reference)
        current = whole.current[:, 1:] if lacking == "column" else whole.current
        return CurrentRows(whole.model_version, features, reference, current)

    reporter, database = await scene.reporter(rows), scene.database()
    report_id = await request(database, "anna", NOW)
    assert await reporter.turn() == report_id
    report = await report_of(database, report_id)
    assert report.state == "failed"
    assert str(report.error).startswith(error)


async def test_an_error_that_nobody_foresaw_fails_the_report_and_not_the_service(scene: Scene) -> None:
    async def broken() -> CurrentRows:
        raise ValueError("vector: has\0\n  what nobody " + "foresaw " * 1000)

    reporter, database, stop = await scene.reporter(broken), scene.database(), asyncio.Event()
    report_id = await request(database, "anna", NOW)
    running = asyncio.create_task(reporter.run(stop))

    async def has_failed() -> bool:
        if running.done():
            # What ended it is raised here.
            await running
        return (await report_of(database, report_id)).state == "failed"

    await until(has_failed)
    stop.set()
    await running
    error = str((await report_of(database, report_id)).error)
    assert error.startswith(
        "the service could not make it: ValueError: vector: has\ufffd what nobody foresaw"
    )
    assert len(error) == LONGEST_ERROR


async def test_where_the_service_itself_must_end_the_report_is_no_reason_to_stay(scene: Scene) -> None:
    async def forbidden() -> CurrentRows:
        raise FatalError("Kafka forbids it")

    await request(scene.database(), "anna", NOW)
    with pytest.raises(FatalError, match="Kafka forbids it"):
        await (await scene.reporter(forbidden)).turn()


async def test_a_report_outlives_a_break_of_the_connections_to_postgresql(scene: Scene) -> None:
    admin = scene.database()

    async def rows() -> CurrentRows:
        async with admin.connection() as connection:
            await connection.execute(OTHERS_ENDED)
        return await no_window()

    reporter, database = await scene.reporter(rows), scene.database()
    report_id = await request(database, "anna", NOW)
    assert await reporter.turn() == report_id
    assert (await report_of(database, report_id)).state == "failed"
    assert await reporter.turn() is None


async def test_a_service_makes_reports_at_its_own_pace(scene: Scene) -> None:
    reporter, database, stop = await scene.reporter(small_window), scene.database(), asyncio.Event()
    running = asyncio.create_task(reporter.run(stop))

    async def is_done() -> bool:
        return any(report.state == "done" for report in await listed(database, 5))

    await until(is_done)
    stop.set()
    await running
    assert {report.requested_by for report in await listed(database, 5)} == {"schedule"}


async def test_a_period_has_one_report_and_none_while_one_is_open(scene: Scene) -> None:
    database = scene.database()
    asked = await asyncio.gather(*(due(database, FIVE_MINUTES, NOW) for _ in range(4)))
    assert sorted(asked) == [False, False, False, True]
    later = NOW + FIVE_MINUTES
    assert not await due(database, FIVE_MINUTES, later)
    [report] = await listed(database, 9)
    assert report.report_id == "schedule-20261125T120000Z"
    await finish(database, report.report_id, Outcome(state="failed", error="no"), later)
    assert not await due(database, FIVE_MINUTES, NOW)
    assert await due(database, FIVE_MINUTES, later)
    assert [each.report_id for each in await listed(database, 9)] == [
        "schedule-20261125T120500Z",
        "schedule-20261125T120000Z",
    ]


async def test_a_second_request_while_one_waits_is_that_one(scene: Scene) -> None:
    database = scene.database()
    assert await request(database, "anna", NOW) == await request(database, "ben", NOW)
    [report] = await listed(database, 9)
    assert (report.requested_by, report.requested_at, report.state) == ("anna", NOW, "requested")


async def test_pages_of_old_reports_are_removed_and_their_figures_stay(scene: Scene) -> None:
    reporter, database = (
        await scene.reporter(no_window, settings=ReportSettings(keep_pages=1)),
        scene.database(),
    )
    pages, asked = await scene.pages(), []
    for minute in range(3):
        at = NOW + timedelta(minutes=minute)
        asked.append(await request(database, "anna", at))
        kept = await pages.keep(asked[-1], "7", NOTHING_FOUND, b"<html>", at)
        outcome = Outcome(state="done", model_version="7", results=NOTHING_FOUND, **kept._asdict())
        await finish(database, asked[-1], outcome, at)
    await request(database, "anna", NOW + FIVE_MINUTES)
    assert await reporter.turn()
    assert await reporter.html(asked[-1]) == b"<html>"
    for report_id in asked[:-1]:
        report = await report_of(database, report_id)
        assert (report.artifact, report.results) == (None, NOTHING_FOUND)
        assert (await run_of(scene, str(report.run_id)))["info"]["lifecycle_stage"] == "deleted"
        with pytest.raises(PageError, match="pages of old reports are not kept"):
            await reporter.html(report_id)


async def test_a_page_that_mlflow_lost_and_a_report_that_nobody_asked_for_are_said(scene: Scene) -> None:
    reporter, database, pages = await scene.reporter(window), scene.database(), await scene.pages()
    with pytest.raises(PageError, match="nobody asked for a report unknown"):
        await reporter.html("unknown")
    report_id = await request(database, "anna", NOW)
    with pytest.raises(PageError, match="has no page: it is requested"):
        await reporter.html(report_id)
    kept = await pages.keep(report_id, "7", NOTHING_FOUND, b"<html>", NOW)
    await finish(database, report_id, Outcome(state="done", **kept._asdict()), NOW)
    await pages.drop(kept)
    await pages.drop(kept)
    with pytest.raises(PageError, match="MLflow has the page no more"):
        await reporter.html(report_id)
