from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.database import DatabaseSettings, create_database
from tests.integration.ledger.migrating import new_database
from tests.integration.ledger.reading import LedgerReader


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """URL of a database of the test's own, without any table."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
def ledger_url(postgres_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database of the test's own."""
    with new_database(postgres_url, template) as url:
        yield url


@pytest.fixture
async def database(ledger_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_database(DatabaseSettings(url=SecretStr(ledger_url)))
    yield engine
    await engine.dispose()


@pytest.fixture
def ledger(ledger_url: str) -> LedgerReader:
    return LedgerReader(ledger_url)
