"""Each row is looked up by its key, whatever PostgreSQL believed of the tables when it last counted them."""

from typing import Any

import psycopg
import pytest

from services.ledger.book import BEGIN, Book
from services.ledger.handler import LedgerHandler, Row
from services.ledger.tables import columns, statement
from tests.integration.ledger.reading import LedgerReader, most_rows
from tests.unit.ledger.records import application_record, decision_record, submitted

pytestmark = pytest.mark.postgres
A_TURN = 1_000


def rows(records: list[Any]) -> list[Row]:
    return [row for each in LedgerHandler()(records) for row in each.items]  # type: ignore[union-attr]


def plan(writing: psycopg.Connection, insert: str, batch: list[Row]) -> dict[str, Any]:
    """Return how a batch was written, in a transaction as the ledger begins it."""
    writing.execute(BEGIN)
    explain = b"EXPLAIN (ANALYZE, FORMAT JSON) " + statement(insert)
    [(explained,)] = writing.execute(explain, columns(batch)).fetchall()
    writing.execute("ROLLBACK")
    return explained[0]["Plan"]  # type: ignore[no-any-return]


async def test_decisions_do_not_go_through_all_that_waits(
    book: Book, ledger: LedgerReader, writing: psycopg.Connection
) -> None:
    before = [f"branch-{number}" for number in range(4 * A_TURN)]
    await book.write(rows([application_record(submitted(name), at) for at, name in enumerate(before)]))
    await book.write(rows([decision_record(name, at) for at, name in enumerate(before)]))
    # Nothing waits at this moment, and the table keeps its pages.
    writing.execute("VACUUM (TRUNCATE false, ANALYZE) ledger.undecided")
    names = [f"web-{number}" for number in range(4 * A_TURN)]
    await book.write(rows([application_record(submitted(name), at) for at, name in enumerate(names)]))
    assert ledger.count("undecided") == len(names)
    decided = rows([decision_record(name, at) for at, name in enumerate(names[:A_TURN])])
    assert most_rows(plan(writing, "insert_decisions", decided)) == A_TURN
