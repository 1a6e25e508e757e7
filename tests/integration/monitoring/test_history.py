"""What ticks told stays as long as it should, and is read back as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from services.kit.database import Database
from services.monitoring.history import MOST_POINTS, History, read
from services.monitoring.summary import WindowSummary
from tests.integration.ledger.reading import LedgerReader
from tests.unit.monitoring.alert_examples import feature, summary

pytestmark = pytest.mark.postgres
NOW = datetime.now(UTC)
HOUR_BEGAN = NOW.replace(minute=0, second=0, microsecond=0)
TALLY = np.array([5.0, 0.0, 3.25])
KEEP_TICKS, KEEP_HOURS = timedelta(days=3), timedelta(days=180)


@pytest.fixture
def history(database: Database) -> History:
    return History(database, keep_ticks=KEEP_TICKS, keep_hours=KEEP_HOURS)


def told(at: datetime, **fields: Any) -> WindowSummary:  # noqa: ANN401 - fields of any kind
    return summary(feature("A", distance=0.3, drifted=True), feature("B", distance=None), at=at, **fields)


async def between(history: History, begin: datetime, end: datetime) -> tuple[str, list[WindowSummary]]:
    grain, found = await history.between("last-5000", "all", begin, end)
    return grain, list(read(found))


async def test_a_window_is_read_back_as_the_last_tick_saw_it(history: History) -> None:
    assert await history.latest("last-5000", "all") is None
    for seconds, rows in ((0, 10), (5, 20)):
        await history.record([(told(NOW + timedelta(seconds=seconds), rows=rows), TALLY * rows)])
    found = await history.latest("last-5000", "all")
    assert found is not None
    assert found[0] == told(NOW + timedelta(seconds=5), rows=20)
    assert found[1].tolist() == (TALLY * 20).tolist()
    assert await history.latest("1h", "all") is None
    assert await history.latest("last-5000", "web") is None


async def test_segments_are_those_that_were_told_of(history: History) -> None:
    assert await history.segments() == []
    await history.record([(told(NOW, segment=segment), TALLY) for segment in ("web", "all", "branch")])
    assert await history.segments() == ["all", "branch", "web"]


async def test_ticks_between_two_moments_come_oldest_first(history: History) -> None:
    moments = [NOW + timedelta(seconds=each) for each in (0, 5, 10, 15)]
    for at in reversed(moments):
        await history.record([(told(at), TALLY), (told(at, window="1h"), TALLY)])
    grain, found = await between(history, moments[1], moments[2])
    assert (grain, [each.at for each in found]) == ("raw", moments[1:3])
    assert {each.window for each in found} == {"last-5000"}


async def test_a_long_time_is_thinned_to_the_last_tick_of_equal_spans(history: History) -> None:
    begin, ticks = NOW - timedelta(hours=1), 2 * MOST_POINTS
    moments = [begin + timedelta(seconds=3.6 * each) for each in range(ticks)]
    for start in range(0, ticks, 100):
        await history.record([(told(at), TALLY) for at in moments[start : start + 100]])
    _, found = await between(history, begin, NOW)
    assert MOST_POINTS - 1 <= len(found) <= MOST_POINTS
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert found[-1].at == moments[-1]
    _, few = await between(history, moments[0], moments[9])
    assert [each.at for each in few] == moments[:10]


async def test_of_an_hour_the_last_tick_stays(history: History, table: LedgerReader) -> None:
    for minutes in (0, 20, 59, 61):
        await history.record([(told(HOUR_BEGAN - timedelta(hours=2) + timedelta(minutes=minutes)), TALLY)])
    grain, found = await between(history, NOW - timedelta(days=4), NOW)
    assert (grain, [each.at for each in found]) == (
        "hour",
        [HOUR_BEGAN - timedelta(minutes=61), HOUR_BEGAN - timedelta(minutes=59)],
    )
    assert table.rows("SELECT count(*) AS number FROM monitoring.ticks WHERE grain = 'hour'") == [
        {"number": 2}
    ]


async def test_ticks_are_kept_for_days_and_hours_for_months(history: History) -> None:
    ages = [timedelta(days=200), timedelta(days=100), timedelta(days=4), timedelta(days=2), timedelta(0)]
    for age in ages:
        await history.record([(told(NOW - age), TALLY)])
    _, raw = await between(history, NOW - timedelta(days=2, hours=20), NOW)
    _, hours = await between(history, NOW - timedelta(days=400), NOW)
    assert [NOW - each.at for each in raw] == ages[3:]
    assert [NOW - each.at for each in hours] == ages[1:]


async def test_a_short_time_long_ago_is_told_by_hours(history: History) -> None:
    long_ago = NOW - timedelta(days=20)
    await history.record([(told(long_ago), TALLY)])
    await history.record([(told(NOW), TALLY)])
    day = timedelta(days=1)
    grain, found = await between(history, long_ago - day, long_ago + day)
    assert (grain, [each.at for each in found]) == ("hour", [long_ago])


async def test_a_tick_that_is_recorded_again_stays_one(history: History, table: LedgerReader) -> None:
    for rows in (1, 2):
        await history.record([(told(NOW, rows=rows), TALLY)])
    found = table.rows("SELECT summary->>'rows' AS rows FROM monitoring.ticks WHERE grain = 'raw'")
    assert found == [{"rows": "2"}]


@pytest.mark.parametrize("asked", [timedelta(hours=1), timedelta(days=7)])
async def test_a_young_engines_history_begins_where_it_does(history: History, asked: timedelta) -> None:
    for minutes in (10, 5, 0):
        await history.record([(told(NOW - timedelta(minutes=minutes)), TALLY)])
    begin = await history.begun("last-5000", "all", NOW - asked, NOW)
    # Of a week hours are told, and the first tick's began before it.
    assert NOW - timedelta(hours=1, minutes=11) - asked / MOST_POINTS < begin < NOW - timedelta(minutes=10)
    grain, found = await between(history, begin, NOW)
    assert (grain, len(found)) == ("raw", 3)
    assert await history.begun("last-5000", "web", NOW - asked, NOW) == NOW - asked


async def test_a_history_that_fills_half_of_the_time_is_told_of_all_of_it(history: History) -> None:
    for minutes in (40, 0):
        await history.record([(told(NOW - timedelta(minutes=minutes)), TALLY)])
    hour = NOW - timedelta(hours=1)
    assert await history.begun("last-5000", "all", hour, NOW) == hour


@pytest.mark.parametrize("microseconds", [1, 2, 100, 1000])
async def test_a_moment_that_ends_with_a_tick_has_that_tick(history: History, microseconds: int) -> None:
    await history.record([(told(NOW), TALLY)])
    begin = NOW - timedelta(microseconds=microseconds)
    begun = await history.begun("last-5000", "all", begin, NOW)
    assert begin <= begun < NOW
    _, found = await between(history, begun, NOW)
    assert [each.at for each in found] == [NOW]
