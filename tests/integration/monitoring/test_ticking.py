"""One instance ticks, and what its ticks tell raises the alerts that it should and no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.contracts.topics import FEATURES
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.monitoring.alert_book import AlertBook
from services.monitoring.alert_metrics import Known
from services.monitoring.alert_rule_file import load_rules
from services.monitoring.alerting import Alerting
from services.monitoring.champion import Champion, Watched
from services.monitoring.counting import Counting
from services.monitoring.history import History
from services.monitoring.metrics import MonitoringMetrics
from services.monitoring.observations import Observed
from services.monitoring.retraining import Retraining
from services.monitoring.settings import MonitoringSettings
from services.monitoring.summary import WindowSummary
from services.monitoring.ticking import LEADER, Tell, Ticker
from services.scorecard.catalogue import Matrix
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.blocks import count
from tests.unit.monitoring.population import (
    INCOME,
    NOON,
    SEGMENTS,
    decision_records,
    feature_records,
    monitored_of,
    sample,
)

pytestmark = pytest.mark.postgres
SETTINGS = MonitoringSettings.model_validate(
    {"OCTROI_API_KEYS_FILE": "not-read", "tick_every": timedelta(milliseconds=20)}
)
LAST = SETTINGS.last
WITHIN = 60
HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"


class Heard:
    """Counts ticks, and wakes who waits for the next one."""

    def __init__(self) -> None:
        self.ticks: list[Sequence[WindowSummary]] = []
        self._more = asyncio.Condition()

    async def tell(self, _: Watched, summaries: Sequence[WindowSummary]) -> None:
        async with self._more:
            self.ticks.append(summaries)
            self._more.notify_all()

    async def further(self, number: int) -> None:
        """Return when so many more ticks were heard."""
        enough = len(self.ticks) + number
        async with asyncio.timeout(WITHIN), self._more:
            await self._more.wait_for(lambda: len(self.ticks) >= enough)


def ticker_on(database: Database, champion: Champion, tell: Tell) -> Ticker:
    history = History(database, keep_ticks=SETTINGS.keep_ticks, keep_hours=SETTINGS.keep_hours)
    metrics = MonitoringMetrics(CollectorRegistry())
    return Ticker(database, champion, history, settings=SETTINGS, metrics=metrics, tell=tell)


@asynccontextmanager
async def ticking(url: str, champion: Champion, tell: Tell) -> AsyncIterator[None]:
    """Run a ticker as an instance of its own does."""
    database, stop = Database(DatabaseSettings(url=SecretStr(url))), asyncio.Event()
    running = asyncio.create_task(ticker_on(database, champion, tell).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        await database.close()


def terminate_leader(table: LedgerReader) -> int:
    [holder] = table.rows(HOLDERS, LEADER)
    assert table.rows("SELECT pg_terminate_backend(%s) AS ended", holder["pid"]) == [{"ended": True}]
    pid: int = holder["pid"]
    return pid


async def test_of_two_tickers_one_leads_and_the_other_goes_on_when_its_connection_is_closed(
    database_url: str, champion: Champion, table: LedgerReader
) -> None:
    first, second = Heard(), Heard()
    async with ticking(database_url, champion, first.tell):
        await first.further(3)
        async with ticking(database_url, champion, second.tell):
            await first.further(20)
            assert not second.ticks
            before = terminate_leader(table)
            # Whoever is quicker leads now, and alone.
            leader, other = await _leading(first, second)
            silent = len(other.ticks)
            await leader.further(20)
            assert len(other.ticks) == silent
            [holder] = table.rows(HOLDERS, LEADER)
            assert holder["pid"] != before


async def _leading(*heard: Heard) -> tuple[Heard, Heard]:
    waiting = {asyncio.create_task(each.further(2)): each for each in heard}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    [leader] = [waiting[task] for task in done]
    [other] = [each for each in heard if each is not leader]
    return leader, other


async def test_a_leader_that_stops_lets_another_lead(database_url: str, champion: Champion) -> None:
    first, second = Heard(), Heard()
    async with ticking(database_url, champion, second.tell):
        await second.further(1)
    async with ticking(database_url, champion, first.tell):
        await first.further(1)


def all_rows(heard: Heard) -> set[int]:
    """Return of how many rows the last tick told."""
    return {summary.rows for summary in heard.ticks[-1]}


async def test_who_leads_anew_believes_the_database_and_not_what_it_held(
    database_url: str, database: Database, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    records = feature_records(matrix[:100], begin=datetime.now(UTC))
    await count(Counting(database, SEGMENTS), champion, records)
    heard = Heard()
    async with ticking(database_url, champion, heard.tell):
        await heard.further(1)
        # As after a standby took over that lacked the last changes, and drew their numbers again.
        table.execute("UPDATE monitoring.blocks SET rows = 7")
        await heard.further(2)
        assert all_rows(heard) == {100}
        terminate_leader(table)
        # A tick that was under way may still end.
        await heard.further(2)
        assert all_rows(heard) == {7}


async def test_a_tick_that_fails_is_followed_by_further_ones(database_url: str, champion: Champion) -> None:
    heard, failures = Heard(), 0

    async def tell(watched: Watched, summaries: Sequence[WindowSummary]) -> None:
        nonlocal failures
        if failures < 3:
            failures += 1
            raise UnavailableError("nobody listens")
        await heard.tell(watched, summaries)

    async with ticking(database_url, champion, tell):
        await heard.further(3)
    assert failures == 3


async def test_nobody_ticks_before_there_is_a_champion(database_url: str, champion: Champion) -> None:
    heard, watched = Heard(), champion.current
    champion.current = None
    try:
        async with ticking(database_url, champion, heard.tell):
            champion.current = watched
            await heard.further(1)
    finally:
        champion.current = watched
    assert heard.ticks


async def test_a_tick_tells_of_every_window_of_every_segment_and_records_it(
    database: Database, champion: Champion, matrix: Matrix
) -> None:
    assert champion.current is not None
    counting, heard = Counting(database, SEGMENTS), Heard()
    await count(counting, champion, feature_records(matrix[:1000]))
    await count(counting, champion, decision_records(matrix[:900], champion.current, channel="post"))
    ticker = ticker_on(database, champion, heard.tell)
    await ticker.tick(champion.current, NOON + timedelta(minutes=1))
    [summaries] = heard.ticks
    periods = (SETTINGS.window, "1h", "24h", "7d")
    rows = {(each.segment, each.window): (each.rows, each.decisions.rows) for each in summaries}
    assert rows == {
        (segment, period): counts
        for segment, counts in (("all", (1000, 900)), ("other", (0, 900)), ("web", (1000, 0)))
        for period in periods
    }
    history = History(database, keep_ticks=SETTINGS.keep_ticks, keep_hours=SETTINGS.keep_hours)
    for summary in summaries:
        found = await history.latest(summary.window, summary.segment)
        assert found is not None
        assert found[0] == summary
        assert champion.current.features.rows(found[1]) == summary.rows


class Watching:
    """Counts rows and ticks, as an instance with a stream does."""

    def __init__(self, database: Database, champion: Champion) -> None:
        rules = load_rules(None, Known(windows=("last-5000", "1h", "24h", "7d"), drifted_from=0.1))
        assert champion.current is not None
        self.book = AlertBook(database)
        self._watched = champion.current
        self._counting = Counting(database, SEGMENTS)
        self._alerting = Alerting(self.book, rules, champion, Retraining(database, (), timedelta(days=1)))
        self._ticker = ticker_on(database, champion, self._tell)
        self._offset = 0

    async def _tell(self, watched: Watched, summaries: Sequence[WindowSummary]) -> None:
        await self._alerting.tell(watched, summaries, {})

    async def see(self, values: Matrix) -> None:
        """Take in rows of the monitored features, and tick."""
        unknown = np.zeros(len(self._watched.features.names), dtype=np.bool_)
        rows = [
            Observed(
                FEATURES.name,
                0,
                self._offset + place,
                at=self._at(place),
                channel=None,
                contract_type=None,
                watched=self._watched,
                values=row,
                unknown=unknown,
            )
            for place, row in enumerate(values)
        ]
        self._offset += len(rows)
        await self._counting.write(rows)
        await self._ticker.tick(self._watched, self._at(0))

    def _at(self, place: int) -> datetime:
        return NOON + (self._offset + place) * timedelta(milliseconds=10)


async def test_incomes_that_rise_by_half_from_one_moment_on_are_alerted_within_one_window(
    database: Database, champion: Champion, matrix: Matrix, tmp_path: Path
) -> None:
    watching, usual = Watching(database, champion), monitored_of(matrix)
    for start in range(0, LAST, 500):
        await watching.see(usual[start : start + 500])
    assert await watching.book.alerts() == []
    shifted = monitored_of(sample(tmp_path, LAST, seed=12, income=1.5))
    seen = 0
    while seen < LAST and not await watching.book.alerts():
        await watching.see(shifted[seen : seen + 500])
        seen += 500
    alerts = await watching.book.alerts()
    assert [(alert.rule, alert.subject) for alert in alerts] == [("feature-drift", INCOME)]
    assert seen < LAST
