"""A ledger's book for the length of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.kit.database_settings import DatabaseSettings
from services.ledger.book import Book
from services.ledger.metrics import LedgerMetrics


@asynccontextmanager
async def open_book(
    url: str, registry: CollectorRegistry | None = None, **settings: timedelta
) -> AsyncIterator[Book]:
    """Yield a book that writes into a database."""
    metrics = LedgerMetrics(registry or CollectorRegistry())
    book = Book(DatabaseSettings(url=SecretStr(url)), metrics, **settings)
    try:
        yield book
    finally:
        await book.close()
