from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.monitoring.champion import Champion
from services.monitoring.counting import Counting
from services.scorecard.catalogue import Matrix
from tests.integration.ledger.reading import LedgerReader
from tests.unit.monitoring.population import SEGMENTS, champion_of, sample, watched_of


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(DatabaseSettings(url=SecretStr(database_url)))
    yield opened
    await opened.close()


@pytest.fixture
def table(database_url: str) -> LedgerReader:
    return LedgerReader(database_url)


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database, SEGMENTS)


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """All features of 10,000 sampled applications."""
    return sample(tmp_path_factory.mktemp("sample"), 10_000)


@pytest.fixture(scope="session")
def champion(matrix: Matrix) -> Champion:
    """A champion whose reference profile is that of the sample."""
    return champion_of(watched_of(matrix))
