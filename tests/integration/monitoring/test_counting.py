"""Everything is counted once, whatever comes again."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from services.kit.database import Database
from services.kit.errors import FatalError
from services.kit.records import Emit, Record, Reject
from services.monitoring.block_table import BLOCK
from services.monitoring.champion import Champion
from services.monitoring.countable import FIRST_YEAR, LAST_YEAR, LONGEST_VERSION
from services.monitoring.counting import Counting
from services.monitoring.observations import MonitoringHandler
from services.scorecard.catalogue import Matrix
from tests.integration.ledger.reading import LedgerReader
from tests.integration.monitoring.blocks import count, expected_sums, same, sums
from tests.unit.monitoring.population import (
    NOON,
    SEGMENTS,
    decision_records,
    feature_records,
    observed_of,
    opinion,
    watched_of,
)

pytestmark = pytest.mark.postgres
ROWS = 600


def noise(characters: int) -> str:
    """Return printable text that has four bytes a character and cannot be packed."""
    random = Random(7)
    return "".join(chr(random.randrange(0x20000, 0x2A6D0)) for _ in range(characters))


@pytest.fixture(scope="module")
def records(matrix: Matrix, champion: Champion) -> list[Record]:
    """Vectors and decisions of two partitions, from the middle of a block on, and of several segments."""
    assert champion.current is not None
    return [
        *feature_records(matrix[:ROWS], first=200),
        *feature_records(matrix[ROWS : 2 * ROWS], partition=1, channel="post"),
        *decision_records(matrix[:ROWS], champion.current, first=200, contract_type="Cash loans"),
        *decision_records(matrix[ROWS : 2 * ROWS], champion.current, partition=1, channel=None),
    ]


async def test_a_batch_is_counted_by_topic_model_and_segment(
    counting: Counting, champion: Champion, records: list[Record], table: LedgerReader
) -> None:
    rows = await count(counting, champion, records)
    found = sums(table)
    assert same(found, expected_sums(rows))
    assert {(name, segment): each.rows for (name, _, segment), each in found.items()} == {
        ("loan.features.v1", "all"): 2 * ROWS,
        ("loan.features.v1", "web"): ROWS,
        ("loan.features.v1", "other"): ROWS,
        ("loan.decisions.v1", "all"): 2 * ROWS,
        ("loan.decisions.v1", "web"): ROWS,
        ("loan.decisions.v1", "contract:Cash loans"): ROWS,
    }


async def test_the_same_batch_twice_is_counted_once(
    counting: Counting, champion: Champion, records: list[Record], table: LedgerReader
) -> None:
    rows = await count(counting, champion, records)
    before = sums(table)
    await counting.write(rows)
    assert sums(table) == before


@pytest.mark.parametrize("places", [*product([1, 56, 57, 300, ROWS - 1, ROWS], [0, 55, 311, ROWS - 1])])
async def test_a_batch_cut_anywhere_and_written_again_from_any_offset_is_counted_once(
    database: Database, table: LedgerReader, champion: Champion, matrix: Matrix, places: tuple[int, int]
) -> None:
    cut, again_from = places
    rows = observed_of(champion, feature_records(matrix[:ROWS], first=200))
    await Counting(database, SEGMENTS).write(rows[:cut])
    # Another instance goes on from a position that was committed before, or from the next one.
    other = Counting(database, SEGMENTS)
    await other.write(rows[min(again_from, cut) :])
    await other.write(rows)
    assert same(sums(table), expected_sums(rows))


async def test_two_instances_may_take_turns_on_two_partitions(
    database: Database, table: LedgerReader, champion: Champion, records: list[Record]
) -> None:
    rows = observed_of(champion, records)
    first, second = Counting(database, SEGMENTS), Counting(database, SEGMENTS)
    lanes = [[row for row in rows if row.partition == number] for number in (0, 1)]
    for start in range(0, 2 * ROWS, 97):
        # The partitions change hands at every turn, and each turn repeats the end of the last.
        first, second = second, first
        begin = max(start - 40, 0)
        await asyncio.gather(
            first.write(lanes[0][begin : start + 97]), second.write(lanes[1][begin : start + 97])
        )
    assert same(sums(table), expected_sums(rows))


@pytest.mark.parametrize("begun", [0, 300], ids=["first batch of a partition", "in the middle"])
async def test_an_instance_that_lost_its_partition_may_still_be_writing(
    database: Database, table: LedgerReader, champion: Champion, matrix: Matrix, begun: int
) -> None:
    rows = observed_of(champion, feature_records(matrix[:2000]))
    if begun:
        await Counting(database, SEGMENTS).write(rows[:begun])
    ends = [700, 2000, 1100, 900]
    await asyncio.gather(*(Counting(database, SEGMENTS).write(rows[begun:end]) for end in ends))
    await Counting(database, SEGMENTS).write(rows[begun:])
    assert same(sums(table), expected_sums(rows))


async def test_a_row_that_comes_from_a_new_champion_is_counted_under_its_name(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    await count(counting, champion, feature_records(matrix[:100]))
    before, champion.current = champion.current, watched_of(matrix[:3000], version="8")
    try:
        await count(counting, champion, feature_records(matrix[100:150], first=100))
    finally:
        champion.current = before
    versions = {(version, segment): each.rows for (_, version, segment), each in sums(table).items()}
    assert versions == {("7", "all"): 100, ("7", "web"): 100, ("8", "all"): 50, ("8", "web"): 50}


async def test_a_block_holds_at_most_ten_minutes_where_few_rows_come(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    rows = await count(counting, champion, feature_records(matrix[:BLOCK], every=timedelta(minutes=2)))
    found = table.rows("SELECT max(last_at - first_at) AS longest FROM monitoring.blocks")
    assert found[0]["longest"] < timedelta(minutes=10)
    assert same(sums(table), expected_sums(rows))


async def test_what_claims_to_come_from_the_future_is_of_the_moment_that_it_was_handled(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    late = [
        each._replace(timestamp=timestamp)
        for each, timestamp in zip(feature_records(matrix[:2]), [10**17, -(10**17)], strict=True)
    ]
    await count(counting, champion, late)
    [found] = {each.last for each in sums(table).values()}
    assert found == NOON + timedelta(seconds=1)


@pytest.mark.parametrize(
    "named",
    [*product(("champion", "challenger"), ("8\0", noise(4_000)))],
    ids=lambda named: f"{named[0]}, {len(named[1])} characters",
)
async def test_a_version_that_cannot_be_kept_is_refused_and_its_neighbours_are_counted(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader, named: tuple[str, str]
) -> None:
    role, version = named
    watched = champion.current
    assert watched is not None
    records = decision_records(matrix[:3], watched)
    if role == "champion":
        records[1:2] = decision_records(matrix[1:2], replace(watched, version=version), first=1)
    else:
        records[1:2] = decision_records(matrix[1:2], watched, first=1, shadow=opinion(version=version))
    results = MonitoringHandler(champion)(records)
    await counting.write([row for result in results if isinstance(result, Emit) for row in result.items])
    assert [type(result) for result in results] == [Emit, Reject, Emit]
    assert {name: each.rows for name, each in sums(table).items()} == {
        ("loan.decisions.v1", "7", "all"): 2,
        ("loan.decisions.v1", "7", "web"): 2,
    }


@pytest.mark.parametrize("year", [1, LAST_YEAR + 2])
async def test_a_moment_that_no_block_has_a_number_for_is_refused(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader, year: int
) -> None:
    records = feature_records(matrix[:2])
    there = feature_records(matrix[:1], begin=datetime(year, 1, 1, tzinfo=UTC))
    results = MonitoringHandler(champion)([*there, records[1]])
    await counting.write([row for result in results if isinstance(result, Emit) for row in result.items])
    assert [type(result) for result in results] == [Reject, Emit]
    assert {each.rows for each in sums(table).values()} == {1}


@pytest.mark.parametrize(
    "day", [datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, tzinfo=UTC)]
)
async def test_the_longest_versions_at_the_ends_of_the_calendar_are_counted(
    counting: Counting, champion: Champion, matrix: Matrix, table: LedgerReader, day: datetime
) -> None:
    assert champion.current is not None
    version = noise(LONGEST_VERSION)
    records = decision_records(
        matrix[:2], replace(champion.current, version=version), begin=day, shadow=opinion(version=version)
    )
    # The second is added to what is read of the first.
    for record in records:
        await count(counting, champion, [record])
    found = sums(table)["loan.decisions.v1", version, "all"]
    assert (found.rows, found.first, found.last) == (2, records[0].time(), records[1].time())


async def test_an_empty_batch_writes_nothing(counting: Counting, table: LedgerReader) -> None:
    await counting.write([])
    assert sums(table) == {}
    assert table.rows("SELECT * FROM monitoring.positions") == []


async def test_a_database_without_tables_says_what_to_run(
    database: Database, champion: Champion, matrix: Matrix, table: LedgerReader
) -> None:
    table.execute("DROP SCHEMA monitoring CASCADE")
    with pytest.raises(FatalError, match="alembic"):
        await count(Counting(database, SEGMENTS), champion, feature_records(matrix[:2]))
