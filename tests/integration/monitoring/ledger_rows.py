"""Puts into the ledger what the ledger service would, for tests of what monitoring reads of it."""

from collections.abc import Sequence

from services.kit.records import Emit, Record
from services.ledger.handler import LedgerHandler
from tests.integration.ledger.booking import open_book


async def write_to_ledger(database_url: str, records: Sequence[Record]) -> None:
    """Write records, all of which must be readable."""
    results = LedgerHandler()(records)
    rows = [row for result in results if isinstance(result, Emit) for row in result.items]
    assert len(rows) == len(records)
    async with open_book(database_url) as book:
        await book.write(rows)
