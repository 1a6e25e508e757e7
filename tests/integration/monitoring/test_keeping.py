"""Cleared alerts and finished reports go when they are old, and nothing that somebody still waits for."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.contracts.alerts import ModelHealthDegraded
from services.kit.database import Database
from services.monitoring.alert_book import AlertBook, Change
from services.monitoring.alert_outbox import AlertOutbox
from services.monitoring.alert_state import Cleared, Raised
from services.monitoring.history import MOST_REMOVED, History
from services.monitoring.report_requests import due, listed, request
from services.monitoring.report_turns import Outcome, finish
from tests.integration.ledger.reading import LedgerReader
from tests.unit.monitoring.alert_examples import rule, summary

pytestmark = pytest.mark.postgres
NOW = datetime.now(UTC)
KEEP = timedelta(days=180)
OLD, YOUNG = NOW - KEEP - timedelta(days=1), NOW - KEEP + timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def history(database: Database) -> History:
    return History(database, keep_ticks=timedelta(days=3), keep_hours=KEEP)


@pytest.fixture
def book(database: Database) -> AlertBook:
    return AlertBook(database)


async def tick(history: History) -> None:
    await history.record([(summary(at=NOW), np.zeros(1))])


async def alert(book: AlertBook, subject: str, raised_at: datetime, cleared_at: datetime | None) -> Raised:
    """Record an alert of which Kafka is told nothing."""
    raised = Raised(rule(), subject, 0.21, raised_at)
    await book.record([Change(raised, None)])
    if cleared_at is not None:
        await book.record([Change(Cleared(raised.key, raised_at, cleared_at, raised.rule, 0.03), None)])
    return raised


async def subjects(book: AlertBook) -> set[str]:
    return {each.subject for each in await book.alerts()}


async def report(database: Database, asked_at: datetime, outcome: Outcome) -> str:
    """Ask for a report, and end it a minute later."""
    report_id = await request(database, "ana", asked_at)
    await finish(database, report_id, outcome, asked_at + MINUTE)
    return report_id


async def reports(database: Database) -> set[str]:
    return {each.report_id for each in await listed(database, 1000)}


async def test_cleared_alerts_are_kept_as_long_as_hours_and_those_that_fire_for_ever(
    history: History, book: AlertBook
) -> None:
    await alert(book, "OLD", OLD - MINUTE, OLD)
    await alert(book, "CLEARED_LATER", OLD, YOUNG)
    await alert(book, "YOUNG", YOUNG - MINUTE, YOUNG)
    await alert(book, "FIRING", OLD, None)
    await tick(history)
    assert await subjects(book) == {"CLEARED_LATER", "YOUNG", "FIRING"}


async def test_an_old_alert_stays_until_kafka_has_all_that_it_says(
    history: History, book: AlertBook, database: Database
) -> None:
    raised, outbox = Raised(rule(), "AMT_CREDIT", 0.21, OLD - MINUTE), AlertOutbox(database)
    event = ModelHealthDegraded(
        alert_id=raised.alert_id,
        raised_at=raised.raised_at,
        model_name="m",
        model_version="7",
        metric="auc",
        value=0.6,
        limit=0.7,
    )
    await book.record([Change(raised, event)])
    await book.record([Change(Cleared(raised.key, raised.raised_at, OLD, rule(), 0.03), None)])
    await tick(history)
    [waiting] = await outbox.unpublished()
    assert waiting.alert.alert_id == raised.alert_id
    await outbox.mark_published(waiting)
    await tick(history)
    assert await book.alerts() == []


async def test_an_old_alert_whose_silence_lasts_still_silences_the_next(
    history: History, book: AlertBook
) -> None:
    raised = await alert(book, "AMT_CREDIT", OLD - MINUTE, None)
    until = NOW + timedelta(days=30)
    await book.silence(raised.alert_id, by="ana", reason="known", until=until)
    await book.record([Change(Cleared(raised.key, raised.raised_at, OLD, rule(), 0.03), None)])
    await tick(history)
    await alert(book, "AMT_CREDIT", NOW, None)
    assert [each.silenced_until for each in await book.alerts()] == [until, until]


async def test_finished_reports_are_kept_as_long_as_hours_and_others_until_they_are_finished(
    history: History, database: Database, table: LedgerReader
) -> None:
    done, failed = Outcome(state="done", run_id="r"), Outcome(state="failed", error="no window")
    gone = {await report(database, OLD, done), await report(database, OLD - MINUTE, failed)}
    paged = await report(database, OLD, Outcome(state="done", run_id="r", artifact="1/r/report.html"))
    young = await report(database, YOUNG, done)
    running = await request(database, "ana", OLD)
    table.execute("UPDATE monitoring.reports SET state = 'running' WHERE state = 'requested'")
    asked = await request(database, "ana", OLD)
    assert gone < await reports(database)
    await tick(history)
    # MLflow still has a page of the one with an artefact: without its row nobody would remove it.
    assert await reports(database) == {paged, young, running, asked}


async def test_the_report_of_a_long_period_is_not_made_again_within_it(
    history: History, database: Database
) -> None:
    period = timedelta(days=36500)
    assert await due(database, period, OLD)
    [scheduled] = await listed(database, 1)
    await finish(database, scheduled.report_id, Outcome(state="failed", error="no window"), OLD)
    await tick(history)
    assert not await due(database, period, NOW)


async def test_what_has_gathered_goes_over_several_ticks(
    history: History, book: AlertBook, database: Database
) -> None:
    moments = [OLD - each * 2 * MINUTE for each in range(1, MOST_REMOVED + 3)]
    raised = [Raised(rule(), "AMT_CREDIT", 0.21, at) for at in reversed(moments)]
    for each in raised:
        await alert(book, each.subject, each.raised_at, each.raised_at + MINUTE)
        await report(database, each.raised_at, Outcome(state="failed", error="no window"))
    await tick(history)
    left = {each.alert_id for each in raised[-2:]}
    assert {each.alert_id for each in await book.alerts(limit=1000)} == left
    assert {each.requested_at for each in await listed(database, 1000)} == set(moments[:2])
    await tick(history)
    assert await book.alerts() == []
    assert await listed(database, 1) == []
