"""Windows are sums of what was counted, before and after it is merged."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from services.contracts.topics import DECISIONS, FEATURES
from services.kit.database import Database
from services.monitoring.block_table import BLOCK
from services.monitoring.champion import Champion
from services.monitoring.counting import Counting
from services.monitoring.mergeable import FINE_FOR
from services.monitoring.merging import Merger
from services.monitoring.observations import Observed
from services.monitoring.windows import SPANS, Window, WindowReader
from services.scorecard.catalogue import Matrix
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.blocks import count, expected_sums, grains, same, sums
from tests.unit.monitoring.population import NOON, SEGMENTS, decision_records, feature_records, opinion

pytestmark = pytest.mark.postgres
LAST = 600


def by_hand(rows: Sequence[Observed]) -> np.ndarray:
    [total] = [each for name, each in expected_sums(rows).items() if name[2] == "all"]
    return np.array(total.tally)


async def count_at(
    counting: Counting, champion: Champion, matrix: Matrix, ages: Sequence[timedelta], first: int = 0
) -> list[Observed]:
    """Count 100 vectors of each age, the oldest first."""
    seen: list[Observed] = []
    for number, age in enumerate(ages):
        start = first + 100 * number
        rows = matrix[start : start + 100]
        begin = NOON - age
        seen += await count(counting, champion, feature_records(rows, first=start, begin=begin))
    return seen


async def read(database: Database, now: datetime = NOON) -> WindowReader:
    reader = WindowReader(database)
    await reader.refresh("7", now)
    return reader


def same_window(first: Window, second: Window) -> bool:
    assert first.tally is not None
    assert second.tally is not None
    return first.rows == second.rows and np.allclose(first.tally, second.tally)


async def test_there_is_nothing_before_anything_was_counted(database: Database) -> None:
    reader = await read(database)
    assert reader.segments() == []
    for window in (reader.last(FEATURES.name, "all", 100), reader.since(FEATURES.name, "all", NOON)):
        assert (window.rows, window.begins, window.ends, window.tally) == (0, None, None, None)


async def test_the_window_by_count_holds_the_newest_blocks_that_reach_it(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix
) -> None:
    rows = await count(counting, champion, feature_records(matrix[:2000]))
    reader = await read(database, NOON + timedelta(minutes=1))
    for asked in (1, 208, 209, 1000, 1999, 2000, 5000):
        window = reader.last(FEATURES.name, "all", asked)
        assert min(asked, 2000) <= window.rows < asked + BLOCK
        # The last block is not full: windows begin where one of 256 does.
        chosen = rows[len(rows) - window.rows :]
        assert chosen[0].offset % BLOCK == 0
        assert (window.begins, window.ends) == (chosen[0].at, chosen[-1].at)
        assert window.tally == pytest.approx(by_hand(chosen))


async def test_the_window_by_time_holds_what_reaches_into_it(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix
) -> None:
    ages = [timedelta(days=6, hours=23), timedelta(hours=23), timedelta(minutes=59), timedelta(minutes=1)]
    rows = await count_at(counting, champion, matrix, ages)
    reader = await read(database)
    for span, expected in (("1h", rows[200:]), ("24h", rows[100:]), ("7d", rows)):
        window = reader.since(FEATURES.name, "all", NOON - SPANS[span])
        assert (window.rows, window.begins) == (len(expected), expected[0].at)
        assert window.tally == pytest.approx(by_hand(expected))


async def test_windows_add_up_partitions_and_keep_topics_segments_and_models_apart(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix
) -> None:
    assert champion.current is not None
    web = await count(counting, champion, feature_records(matrix[:300]))
    post = await count(counting, champion, feature_records(matrix[300:500], partition=1, channel="post"))
    decided = await count(counting, champion, decision_records(matrix[:400], champion.current))
    reader = await read(database)
    assert reader.segments() == ["all", "other", "web"]
    assert reader.since(FEATURES.name, "all", NOON).tally == pytest.approx(by_hand([*web, *post]))
    assert reader.since(FEATURES.name, "other", NOON).tally == pytest.approx(by_hand(post))
    assert reader.last(DECISIONS.name, "all", 5000).tally == pytest.approx(by_hand(decided))
    await reader.refresh("8", NOON)
    assert reader.segments() == []


async def test_a_reader_that_goes_on_knows_what_one_that_begins_knows(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix
) -> None:
    reader = WindowReader(database)
    merger = Merger(database, LAST)
    for start in range(0, 2000, 130):
        at = NOON + start * timedelta(seconds=1)
        records = feature_records(matrix[start : start + 130], first=start, begin=at)
        await count(counting, champion, records)
        if start % 3 == 0:
            await merger.merge(at + timedelta(minutes=5))
        await reader.refresh("7", at)
        fresh = await read(database, at)
        assert same_window(reader.last(FEATURES.name, "all", LAST), fresh.last(FEATURES.name, "all", LAST))
        assert same_window(reader.since(FEATURES.name, "web", NOON), fresh.since(FEATURES.name, "web", NOON))
        assert reader.since(FEATURES.name, "web", NOON).rows == start + 130


async def test_merging_changes_no_sum_of_any_window(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    ages = [timedelta(days=6), timedelta(days=5), timedelta(hours=23), timedelta(hours=3), timedelta(hours=2)]
    ages += [timedelta(minutes=each) for each in (55, 50, 45, 40, 30, 25, 20, 15, 14, 13, 10, 7, 5, 4, 3)]
    rows = await count_at(counting, champion, matrix, ages)
    before, counted = await read(database), grains(table)
    await Merger(database, LAST).merge(NOON)
    after, merged = await read(database), grains(table)
    assert merged["block"] < counted["block"]
    assert merged["part"] > 0
    assert merged["hour"] > 0
    for segment in ("all", "web"):
        for span in SPANS.values():
            windows = [each.since(FEATURES.name, segment, NOON - span) for each in (before, after)]
            assert same_window(*windows)
        assert same_window(*(each.last(FEATURES.name, segment, LAST) for each in (before, after)))
    assert same(sums(table), expected_sums(rows))
    # Once more, there is nothing left to do.
    await Merger(database, LAST).merge(NOON)
    assert grains(table) == merged


@pytest.mark.parametrize("age", [timedelta(minutes=5), timedelta(hours=3), timedelta(hours=30)])
async def test_the_opinions_of_each_challenger_are_kept_apart_before_and_after_merging(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, age: timedelta
) -> None:
    assert champion.current is not None
    # The alias moves in the middle of a block, and goes in the end.
    moves = [(0, opinion("refused", "8")), (100, opinion("approved", "9")), (180, None)]
    seen: list[list[Observed]] = []
    for first, shadow in moves:
        records = decision_records(
            matrix[first : first + 80], champion.current, first=first, begin=NOON - age, shadow=shadow
        )
        seen.append(await count(counting, champion, records))
    for _ in range(3):
        window = (await read(database)).since(DECISIONS.name, "all", NOON - SPANS["7d"])
        assert {version: tally.tolist() for version, tally in window.heard.items()} == {
            version: pytest.approx(by_hand(rows)) for version, rows in zip(("8", "9"), seen[:2], strict=True)
        }
        assert window.tally == pytest.approx(by_hand([row for rows in seen for row in rows]))
        await Merger(database, 1).merge(NOON)


async def test_merging_keeps_the_window_by_count_as_fine_as_it_was(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    rows = await count(counting, champion, feature_records(matrix[:5000], begin=NOON - timedelta(minutes=5)))
    await Merger(database, LAST).merge(NOON)
    blocks = table.rows(
        "SELECT sum(rows) AS rows FROM monitoring.blocks WHERE grain = 'block' AND segment = 'all'"
    )
    assert LAST <= blocks[0]["rows"] < LAST + BLOCK
    window = (await read(database)).last(FEATURES.name, "all", LAST)
    assert LAST <= window.rows < LAST + BLOCK
    assert window.tally == pytest.approx(by_hand(rows[5000 - window.rows :]))


@pytest.mark.parametrize("statement", ["SELECT 1", "UPDATE monitoring.blocks SET model_version = '6'"])
async def test_a_channel_with_few_rows_or_a_former_champion_keeps_nothing_else_from_being_merged(
    database: Database, champion: Champion, matrix: Matrix, table: LedgerReader, statement: str
) -> None:
    counting, begin = Counting(database, SEGMENTS), NOON - timedelta(hours=1)
    await count(
        counting, champion, feature_records(matrix[:100], begin=begin, partition=1, channel="partner")
    )
    table.execute(statement)
    for start in range(0, 6000, 1000):
        at = begin + start * timedelta(milliseconds=500)
        await count(counting, champion, feature_records(matrix[start : start + 1000], first=start, begin=at))
    await Merger(database, LAST).merge(NOON)
    kept = table.rows(
        "SELECT sum(rows) AS rows FROM monitoring.blocks "
        "WHERE grain = 'block' AND segment = 'web' AND model_version = '7'"
    )
    assert kept[0]["rows"] < LAST + BLOCK


async def test_blocks_of_a_window_that_takes_long_to_fill_are_merged_too(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    begin = NOON - timedelta(hours=10)
    rows = await count(
        counting, champion, feature_records(matrix[:LAST], begin=begin, every=timedelta(minutes=1))
    )
    await Merger(database, LAST).merge(NOON)
    assert set(grains(table)) == {"block", "part"}
    assert (await read(database)).last(FEATURES.name, "all", LAST).tally == pytest.approx(by_hand(rows))


async def test_blocks_of_a_channel_with_few_rows_become_fewer_and_its_window_stays_fine(
    database: Database, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    counting, begin = Counting(database, SEGMENTS), NOON - timedelta(minutes=5)
    few: list[Observed] = []
    for start in range(0, 6000, 10):
        # Of each block, ten rows; half of them are another partition's.
        few += await count(
            counting,
            champion,
            feature_records(
                matrix[start : start + 10],
                partition=start // 10 % 2,
                first=start * 13,
                begin=begin + start * timedelta(milliseconds=10),
                every=timedelta(milliseconds=10),
                channel="web",
            ),
        )
    wide = 2 * LAST
    for _ in range(2):
        await Merger(database, wide).merge(NOON)
    held = table.rows(
        "SELECT count(*) AS blocks FROM monitoring.blocks WHERE grain = 'block' AND segment = 'web'"
    )
    assert held[0]["blocks"] < 8 * (wide // BLOCK + 1)
    assert same(sums(table), expected_sums(few))
    window = (await read(database)).last(FEATURES.name, "web", LAST)
    assert LAST <= window.rows < LAST + 2 * BLOCK
    assert window.tally == pytest.approx(by_hand(few[6000 - window.rows :]))


async def test_young_blocks_stay_whatever_their_number(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    begin = NOON - FINE_FOR + timedelta(seconds=1)
    await count(counting, champion, feature_records(matrix[:5000], begin=begin, every=timedelta(0)))
    await Merger(database, LAST).merge(NOON)
    assert set(grains(table)) == {"block"}


async def test_what_no_window_reaches_is_removed(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    ages = [timedelta(days=8), timedelta(days=7, hours=2), timedelta(days=6, hours=23)]
    rows = await count_at(counting, champion, matrix, ages)
    await Merger(database, LAST).merge(NOON)
    assert same(sums(table), expected_sums(rows[200:]))


async def test_late_rows_of_blocks_that_were_merged_are_counted_once(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    old, very_old = timedelta(hours=3), timedelta(hours=30)
    seen: list[Observed] = []
    for partition, age in ((0, old), (1, very_old)):
        for first in (0, 30, 60):
            begin = NOON - age + timedelta(seconds=first)
            records = feature_records(
                matrix[first : first + 30], partition=partition, first=first, begin=begin
            )
            seen += await count(counting, champion, records)
            await Merger(database, 1).merge(NOON)
    assert same(sums(table), expected_sums(seen))
    # Each grew with every merge, instead of becoming three.
    assert table.rows("SELECT grain, rows FROM monitoring.blocks WHERE segment = 'all' ORDER BY 1") == [
        {"grain": "hour", "rows": 90},
        {"grain": "part", "rows": 90},
    ]


async def test_more_blocks_than_a_statement_has_parameters_are_merged(
    database: Database, counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    await count(counting, champion, feature_records(matrix[:1], begin=NOON - timedelta(hours=5)))
    table.execute(
        "INSERT INTO monitoring.blocks SELECT topic, partition, grain, block + number, model_version, "
        "segment, challenger, first_at, last_at, rows, tally, nextval('monitoring.changes') "
        "FROM monitoring.blocks, generate_series(1, 7000) AS number"
    )
    reader = WindowReader(database)
    await reader.refresh("7", NOON)
    before = reader.last(FEATURES.name, "all", 10_000)
    await Merger(database, LAST).merge(NOON)
    await reader.refresh("7", NOON)
    assert grains(table) == {"part": 2}
    assert same_window(before, reader.last(FEATURES.name, "all", 10_000))
    assert before.rows == 7001
