from collections.abc import Callable

import pytest

from services.kit.errors import UnavailableError
from services.kit.records import Emit
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler, Row
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.reading import LedgerReader
from tests.parts import RunningPart
from tests.unit.ledger.records import application_record, decision_record, submitted

pytestmark = pytest.mark.postgres


def rows(number: int) -> list[Row]:
    names = [f"web-{number:03}-{n:03}" for n in range(50)]
    applications = [application_record(submitted(name), number * 50 + n) for n, name in enumerate(names)]
    decisions = [decision_record(name, number * 50 + n) for n, name in enumerate(names)]
    results = LedgerHandler()([*applications, *decisions])
    return [row for result in results if isinstance(result, Emit) for row in result.items]


async def write_as_the_stage_does(book: Book, batch: list[Row], server: RunningPart) -> int:
    """Write until it is taken and return how often it was not."""
    for failures in range(100):
        try:
            await book.write(batch)
        except UnavailableError:
            if server.process is None:
                server.start()
        else:
            return failures
    pytest.fail("the batch was never taken")


@pytest.mark.parametrize("end", [RunningPart.kill, RunningPart.stop], ids=["kill", "restart"])
async def test_nothing_is_lost_or_doubled_when_postgres_goes_and_comes_back(
    own_postgres: tuple[RunningPart, str], end: Callable[[RunningPart], None]
) -> None:
    (server, url), failures = own_postgres, 0
    async with open_book(url) as book:
        for batch in range(40):
            if batch in {10, 11, 30}:
                end(server)
            failures += await write_as_the_stage_does(book, rows(batch), server)
    ledger = LedgerReader(url)
    counts = [ledger.count(table) for table in ("applications", "decisions", "undecided", "conflicts")]
    assert counts == [2000, 2000, 0, 0]
    assert failures >= 3
