"""The connections of a process, and addresses with several hosts, for services and migrations alike."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from select import select

import psycopg
import pytest
from pydantic import SecretStr

from services.kit.database import Connection, Database, rows_of
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.kit.postgres_errors import postgres_errors
from tests.engine import free_port
from tests.integration.ledger.migrating import migrate, new_database

pytestmark = pytest.mark.postgres
NOTE = "INSERT INTO notes VALUES (%(note)s)"


@asynccontextmanager
async def opened(url: str, pool: int = 1) -> AsyncIterator[Database]:
    database = Database(DatabaseSettings(url=SecretStr(url), pool=pool))
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """An empty database with a table of notes, which are all different, and one connection to it."""
    with new_database(postgres_url) as url:
        async with opened(url) as database:
            async with database.connection() as connection:
                await connection.execute("CREATE TABLE notes (note text PRIMARY KEY)")
            yield database


@pytest.fixture
def behind_a_dead_host(template: str, postgres_url: str) -> Iterator[str]:
    """URL of a migrated database, with a host before its own where nobody is."""
    with new_database(postgres_url, template) as url:
        login, _, server = url.partition("@")
        assert server, "the address of the test's server names no user"
        yield f"{login}@127.0.0.1:{free_port()},{server}"


async def notes(database: Database) -> set[str]:
    async with database.connection() as connection:
        return {row["note"] for row in await rows_of(connection, "SELECT note FROM notes", {})}


async def lent(database: Database) -> int:
    """Return which of the server's processes serves the connection that is lent."""
    async with database.connection() as connection:
        return connection.info.backend_pid


def end(postgres_url: str, process: int) -> None:
    """End a process of the server, and wait until it is gone."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))


async def fail(connection: Connection) -> None:
    await connection.execute(NOTE, {"note": "first"})
    await connection.execute(NOTE, {"note": "first"})


async def test_a_transaction_is_kept_whole(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(NOTE, {"note": "first"})
        await connection.execute(NOTE, {"note": "second"})
    assert await notes(database) == {"first", "second"}


async def test_of_a_transaction_that_fails_nothing_is_kept(database: Database) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.transaction() as connection:
            await fail(connection)
    assert await notes(database) == set()


async def test_without_a_transaction_each_statement_is_kept(database: Database) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.connection() as connection:
            await fail(connection)
    assert await notes(database) == {"first"}


async def test_a_connection_is_kept_for_the_next_one(database: Database) -> None:
    assert await lent(database) == await lent(database)


async def test_a_connection_on_which_something_went_wrong_is_not_kept(database: Database) -> None:
    before = await lent(database)
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.transaction() as connection:
            await fail(connection)
    assert await lent(database) != before


async def fail_and_go_on(database: Database) -> None:
    async with database.transaction() as connection:
        with suppress(psycopg.errors.UniqueViolation):
            await fail(connection)


async def test_of_a_transaction_whose_failure_is_passed_over_nothing_is_kept(database: Database) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction, match="nothing of it is committed"):
        await fail_and_go_on(database)
    assert await notes(database) == set()


async def test_a_connection_that_was_closed_is_not_kept_and_others_are(postgres_url: str) -> None:
    async with opened(postgres_url, pool=2) as database:
        async with database.connection() as kept, database.connection() as closed:
            await closed.close()
        assert await lent(database) == kept.info.backend_pid


async def write_for_long(database: Database) -> None:
    async with asyncio.timeout(0.1), database.transaction() as connection:
        await connection.execute(NOTE, {"note": "first"})
        await connection.execute("SELECT pg_sleep(60)")


async def test_nobody_gets_what_a_statement_that_was_cut_off_left(database: Database) -> None:
    with pytest.raises(TimeoutError):
        await write_for_long(database)
    assert await notes(database) == set()


async def test_a_connection_that_broke_while_it_was_kept_is_replaced(
    database: Database, postgres_url: str
) -> None:
    end(postgres_url, await lent(database))
    async with database.transaction() as connection:
        await connection.execute(NOTE, {"note": "first"})
    assert await notes(database) == {"first"}


async def test_where_one_connection_broke_none_that_was_kept_is_used_again(postgres_url: str) -> None:
    async with opened(postgres_url, pool=2) as database:
        async with database.connection() as one, database.connection() as two:
            before = [two.info.backend_pid, one.info.backend_pid]
        end(postgres_url, before[0])
        assert {await lent(database), await lent(database)}.isdisjoint(before)


async def test_a_host_that_says_nothing_is_given_up_soon_or_when_the_address_says(postgres_url: str) -> None:
    async with opened(postgres_url) as database, database.connection() as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "10000"
    patient = f"{postgres_url}?tcp_user_timeout=60000"
    async with opened(patient) as database, database.connection() as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "60000"


async def rest_for_too_long(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("SET idle_in_transaction_session_timeout = 1")
        await asyncio.to_thread(select, [connection.fileno()], [], [])
        await connection.execute(NOTE, {"note": "first"})


async def test_a_session_that_postgresql_ended_is_told_as_postgresql_being_away(database: Database) -> None:
    # Whether why it was ended can still be read when the next statement is sent is chance.
    told = "idle-in-transaction|server closed the connection"
    with pytest.raises(UnavailableError, match=told), postgres_errors("the test"):
        await rest_for_too_long(database)


def test_why_postgresql_ends_a_session_that_rests_is_no_fault_of_a_statement() -> None:
    with pytest.raises(UnavailableError, match="rested"), postgres_errors("the test"):
        raise psycopg.errors.IdleInTransactionSessionTimeout("rested for too long")


async def test_who_finds_no_connection_free_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kit.database.FREE_SECONDS", 0.01)
    async with database.connection():
        with pytest.raises(UnavailableError, match="all 1 connections to PostgreSQL are in use"):
            await lent(database)
    assert await lent(database)


async def test_where_nobody_answers_that_is_told_of_each_look() -> None:
    async with opened(f"postgresql://o:o@127.0.0.1:{free_port()}/o") as database:
        for _ in range(3):
            with pytest.raises(UnavailableError, match="refused"), postgres_errors("the test"):
                await lent(database)


async def test_everyone_finds_the_host_that_is_there(behind_a_dead_host: str) -> None:
    address = f"{behind_a_dead_host}?target_session_attrs=read-write&load_balance_hosts=disable"
    async with opened(address) as database, database.connection() as connection:
        assert await rows_of(connection, "SELECT 1 AS one", {}) == [{"one": 1}]
    migrated = migrate(address, "current")
    assert migrated.returncode == 0, migrated.stderr
    assert "(head)" in migrated.stdout
