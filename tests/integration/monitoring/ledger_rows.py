"""Puts into the ledger what the ledger service would, for tests of what monitoring reads of it."""

from collections.abc import Sequence

from services.kit.records import Emit, Record
from services.ledger.handler import LedgerHandler
from services.monitoring.measurements import FEWEST_ROWS
from tests.integration.ledger.booking import open_book
from tests.unit.ledger.records import decision_record, outcome_record

OBSERVED_AT = "2026-05-30T09:30:00Z"


async def write_to_ledger(database_url: str, records: Sequence[Record]) -> None:
    """Write records, all of which must be readable."""
    results = LedgerHandler()(records)
    rows = [row for result in results if isinstance(result, Emit) for row in result.items]
    assert len(rows) == len(records)
    async with open_book(database_url) as book:
        await book.write(rows)


def loans_of(version: str, *, upside_down: bool, rows: int = FEWEST_ROWS) -> list[Record]:
    """Return a version's decisions with their loans' outcomes: it ranks all of them well, or upside down."""
    model = {"name": "octroi-scorecard", "version": version, "role": "champion"}
    records = []
    for number in range(rows):
        name, defaults = f"{version}-{number}", number % 10 == 0
        probability = 0.3 if defaults != upside_down else 0.01
        changes = {"model": model, "probability_of_default": probability, "outcome": "approved"}
        records.append(decision_record(name, number, **changes))
        loan = "defaulted" if defaults else "repaid"
        records.append(outcome_record(name, loan, OBSERVED_AT, number))
    return records
