"""Many records under one id, whatever they are filled with, are compared in bounded time and memory."""

import random
import tracemalloc
from collections.abc import Awaitable, Sequence

import psycopg
import pytest

from services.contracts.codec import LARGEST_EVENT
from services.contracts.examples import SMALLEST_APPLICATION
from services.kit.records import Emit, Record
from services.ledger.book import BEGIN, Book
from services.ledger.conflicts import DECLARE
from services.ledger.handler import LedgerHandler, Row
from services.ledger.tables import columns, statement
from tests.integration.ledger.reading import LedgerReader, most_rows
from tests.unit.ledger.records import application_record, submitted

pytestmark = pytest.mark.postgres

A_TURN = 4_000
"""Most records in one."""
MEGABYTE = 2**20
SMALL = submitted("web-1", application=SMALLEST_APPLICATION)
OTHER = submitted("web-1", application={**SMALLEST_APPLICATION, "AMT_CREDIT": 1})
LISTS = ",".join(['{"a":[]}'] * 28_800).encode()
"""As slow to read as 260 kB can be."""
NESTED = SMALL.replace(b"{", b'{"x": [' + LISTS + b"], ", 1)
NESTED_AGAIN = NESTED.replace(b'"x"', b'"y"', 1)
PACKABLE = SMALL.replace(b"{", b'{"x": "' + b"a" * 261_000 + b'", ', 1)
CROWD = b"""
INSERT INTO ledger.applications (
    application_id, submitted_at, received_at, raw, event_id, topic, partition, "offset"
)
SELECT n::text, now(), now(), repeat('-', 300)::bytea, '', '', 0, n FROM generate_series(1, 20000) AS n;
ANALYZE ledger.applications
"""


def rows(records: Sequence[Record]) -> list[Row]:
    return [row for each in LedgerHandler()(records) if isinstance(each, Emit) for row in each.items]


def repeated(value: bytes, count: int) -> list[Row]:
    return rows([application_record(value, 1 + n) for n in range(count)])


async def peak(writing: Awaitable[None]) -> int:
    """Return the most bytes that were held at a time, above those that were held before."""
    tracemalloc.start()
    try:
        await writing
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("together", [True, False], ids=["one-batch", "two-batches"])
@pytest.mark.parametrize(
    ("later", "count"),
    [(SMALL, A_TURN), (OTHER, A_TURN), (NESTED_AGAIN, 1_000)],
    ids=["small", "small-and-different", "nested"],
)
async def test_records_after_one_that_is_slow_to_read_are_written_in_time(
    book: Book, ledger: LedgerReader, later: bytes, count: int, together: bool
) -> None:
    assert len(NESTED) < LARGEST_EVENT
    first, seconds = rows([application_record(NESTED, 0)]), repeated(later, count)
    for batch in [first + seconds] if together else [first, seconds]:
        await book.write(batch)
    assert (ledger.count("applications"), ledger.count("conflicts")) == (1, count)


async def test_the_first_under_an_id_is_fetched_once_for_all_its_later_records(
    book: Book, writing: psycopg.Connection
) -> None:
    await book.write(rows([application_record(SMALL, 0), application_record(submitted("web-2"), 0)]))
    batch = [*repeated(OTHER, 3), *rows([application_record(submitted("web-2"), 9)])]
    known = writing.execute(statement("select_known_applications"), columns(batch)).fetchall()
    assert sorted(sorted(places) for _, places in known) == [[1, 2, 3], [4]]


def test_the_first_under_an_id_are_found_without_going_through_all_others(
    writing: psycopg.Connection,
) -> None:
    writing.execute(CROWD)
    batch = rows([application_record(submitted(f"{n}00"), n) for n in range(1, 101)])
    explain = b"EXPLAIN (ANALYZE, FORMAT JSON) " + DECLARE + statement("select_known_applications")
    writing.execute(BEGIN)
    [(explained,)] = writing.execute(explain, columns(batch)).fetchall()
    assert most_rows(explained[0]["Plan"]) == len(batch)


async def test_a_value_that_packs_well_is_not_unpacked_for_each_later_record(book: Book) -> None:
    await book.write(rows([application_record(PACKABLE, 0)]))
    assert await peak(book.write(repeated(SMALL, A_TURN))) < 32 * MEGABYTE


async def test_the_first_applications_of_many_ids_are_not_held_together(
    book: Book, ledger: LedgerReader
) -> None:
    count, noise = 400, random.Random(1)
    for n in range(count):
        value = submitted(f"web-{n}", x=noise.randbytes(125_000).hex())
        await book.write(rows([application_record(value, n)]))
    later = rows([application_record(submitted(f"web-{n}", channel=None), count + n) for n in range(count)])
    assert await peak(book.write(later)) < 32 * MEGABYTE
    assert ledger.count("conflicts") == count
