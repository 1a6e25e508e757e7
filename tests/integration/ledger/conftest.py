from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from services.ledger.arrays import array_adapters
from services.ledger.book import Book
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.migrating import new_database
from tests.integration.ledger.reading import LedgerReader


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """URL of a database of the test's own, without any table."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
def ledger_url(database_url: str) -> str:
    """URL of a migrated database of the test's own."""
    return database_url


@pytest.fixture
async def book(ledger_url: str) -> AsyncIterator[Book]:
    async with open_book(ledger_url) as book:
        yield book


@pytest.fixture
def ledger(ledger_url: str) -> LedgerReader:
    return LedgerReader(ledger_url)


@pytest.fixture
def writing(ledger_url: str) -> Iterator[psycopg.Connection]:
    """A connection that takes a batch's columns."""
    with psycopg.connect(ledger_url, autocommit=True, context=array_adapters()) as connection:
        yield connection
