"""PostgreSQL by an address with several hosts, for services, ledger and migrations alike."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from services.kit.database import create_database
from services.kit.database_settings import DatabaseSettings
from services.ledger.connection import LedgerConnection
from tests.engine import free_port
from tests.integration.ledger.migrating import migrate, new_database

pytestmark = pytest.mark.postgres


@pytest.fixture
def behind_a_dead_host(template: str, postgres_url: str) -> Iterator[str]:
    """URL of a migrated database, with a host before its own where nobody is."""
    with new_database(postgres_url, template) as url:
        login, _, server = url.partition("@")
        assert server, "the address of the test's server names no user"
        yield f"{login}@127.0.0.1:{free_port()},{server}"


async def test_everyone_finds_the_host_that_is_there(behind_a_dead_host: str) -> None:
    address = f"{behind_a_dead_host}?target_session_attrs=read-write&load_balance_hosts=disable"
    settings = DatabaseSettings(url=SecretStr(address))
    database = create_database(settings)
    try:
        async with database.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    finally:
        await database.dispose()
    ledger = LedgerConnection(settings)
    try:
        async with ledger.transaction() as cursor:
            await cursor.execute("SELECT 1")
            assert await cursor.fetchone() == (1,)
    finally:
        await ledger.close()
    migrated = migrate(address, "current")
    assert migrated.returncode == 0, migrated.stderr
    assert "(head)" in migrated.stdout
