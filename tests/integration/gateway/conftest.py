from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.contracts.topics import APPLICATIONS, DECISIONS
from tests.integration.gateway.scene import Bookkeeper, make_topics, running_gateway
from tests.integration.ledger.migrating import migrate, new_database


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"a-{uuid4()}"


@pytest.fixture(scope="module")
def database_url(postgres_url: str) -> Iterator[str]:
    """URL of a migrated database of these tests' own."""
    with new_database(postgres_url) as url:
        migrated = migrate(url, "upgrade", "head")
        assert migrated.returncode == 0, migrated.stderr
        yield url


@pytest.fixture
async def bootstrap(kafka_bootstrap: str) -> str:
    await make_topics(kafka_bootstrap, APPLICATIONS.name, DECISIONS.name)
    return kafka_bootstrap


@pytest.fixture
async def client(tmp_path: Path, bootstrap: str, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url) as client:
        yield client


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Bookkeeper]:
    bookkeeper = Bookkeeper(database_url)
    yield bookkeeper
    await bookkeeper.close()
