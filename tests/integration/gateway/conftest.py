from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.contracts.topics import APPLICATIONS, DECISIONS, TRIAL_DECISIONS, TRIALS
from tests.integration.gateway.scene import Bookkeeper, running_gateway
from tests.integration.kit.topics import make_topics
from tests.integration.ledger.migrating import new_database

TOPICS_OF_THE_GATEWAY = (APPLICATIONS, DECISIONS, TRIALS, TRIAL_DECISIONS)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"a-{uuid4()}"


@pytest.fixture(scope="module")
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database of a module's own."""
    with new_database(postgres_url, template) as url:
        yield url


@pytest.fixture
async def bootstrap(kafka_bootstrap: str) -> str:
    await make_topics(kafka_bootstrap, *(topic.name for topic in TOPICS_OF_THE_GATEWAY))
    return kafka_bootstrap


@pytest.fixture
async def client(tmp_path: Path, bootstrap: str, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url) as client:
        yield client


@pytest.fixture
def no_batches(database_url: str) -> None:
    """Begin without batches: those of other tests that still run would take turns with this one's."""
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE gateway.batches CASCADE")


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Bookkeeper]:
    bookkeeper = Bookkeeper(database_url)
    yield bookkeeper
    await bookkeeper.close()
