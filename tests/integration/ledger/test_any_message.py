"""Whatever is on a topic, PostgreSQL takes the rows that the ledger makes of it. Longer: `make fuzz`."""

import pytest

from services.ledger.book import Book
from tests.fuzz.messages import reading_mutated
from tests.fuzz.readers import ledger_reader

pytestmark = pytest.mark.postgres


async def test_every_row_of_a_mutated_record_is_kept(book: Book) -> None:
    told = await reading_mutated(ledger_reader(book.write), count=5_000, seed=1)
    assert told.accounted, told
    assert told.handled > told.sent / 4
