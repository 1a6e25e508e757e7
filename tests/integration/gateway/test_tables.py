"""A gateway whose database has no tables yet, or others than it needs: what needs none of them goes on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from linecache import getline
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.batch_part import Part
from services.gateway.batch_store import BatchStore
from services.gateway.queries import Listing
from services.gateway.states import LedgerStates
from services.gateway.storage import StatementError
from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from tests.integration.gateway.batch_scene import BATCHES, good_file, look, reached, send, sent
from tests.integration.gateway.scene import running_gateway, until
from tests.integration.ledger.migrating import migrate, new_database

pytestmark = pytest.mark.postgres
CURE = "run `alembic -c infra/postgres/alembic.ini upgrade head`"
AT_FAULT = "ALTER lost DROP DEFAULT, ALTER lost TYPE boolean USING lost <> 0"
AS_IT_WAS = "ALTER lost TYPE integer USING lost::integer, ALTER lost SET DEFAULT 0"
"""Of parts: what they lost can be compared with a number, or not."""


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture
async def empty(empty_database: str) -> AsyncIterator[Database]:
    database = Database(DatabaseSettings(url=SecretStr(empty_database)))
    yield database
    await database.close()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[BatchStore]:
    database = Database(DatabaseSettings(url=SecretStr(database_url)))
    yield BatchStore(database, within=10)
    await database.close()


async def apply(client: httpx.AsyncClient, **fields: str) -> HTTPStatus:
    answer = await client.post("/v1/applications", json={"application": SMALLEST_APPLICATION, **fields})
    return HTTPStatus(answer.status_code)


def told(logs: list[Any], event: str) -> list[str]:
    return [entry["error"] for entry in logs if entry["event"] == event]


async def test_where_there_are_no_tables_the_cure_is_told(empty: Database) -> None:
    states = LedgerStates(empty)
    with pytest.raises(UnavailableError, match=CURE):
        await states.find(["a"], within=10)
    with pytest.raises(UnavailableError, match=CURE):
        await states.page(Listing(), within=10)
    with pytest.raises(UnavailableError, match=CURE):
        await BatchStore(empty, within=10).newest(1)


async def test_a_statement_at_fault_is_not_told_as_an_outage(store: BatchStore) -> None:
    with capture_logs() as logs, pytest.raises(StatementError, match="UndefinedFunction"):
        await store.find(7)  # type: ignore[arg-type]
    [entry] = [entry for entry in logs if entry["event"] == "statement_failed"]
    assert entry["error"] == "UndefinedFunction"
    file, _, line = entry["where"].partition(":")
    assert "rows_of(connection, statement" in getline(file, int(line))


async def test_of_a_batch_that_was_given_up_meanwhile_no_part_is_kept(store: BatchStore) -> None:
    await store.begin("b-1", "mine")
    await store.drop("b-1")
    with pytest.raises(UnavailableError, match="batch b-1 was given up while its file came in"):
        await store.add("b-1", Part(0, 1, 1, [1], [1], b"", []))


@pytest.mark.kafka
async def test_without_tables_applications_are_taken_and_the_rest_begins_once_they_are_there(
    tmp_path: Path, bootstrap: str, empty_database: str, name: str
) -> None:
    with capture_logs() as logs:
        async with running_gateway(
            tmp_path, kafka=bootstrap, database=empty_database, retry_after=1
        ) as client:
            assert await apply(client) == HTTPStatus.ACCEPTED
            assert await apply(client, application_id=name) == HTTPStatus.ACCEPTED
            for address in ("/v1/applications", BATCHES):
                assert (await client.get(address)).status_code == HTTPStatus.SERVICE_UNAVAILABLE
            assert (await send(client, good_file(1))).status_code == HTTPStatus.SERVICE_UNAVAILABLE
            await until(lambda: told(logs, "batches_wait") != [])
            assert (await asyncio.to_thread(migrate, empty_database, "upgrade", "head")).returncode == 0
            assert (await client.get("/v1/applications")).status_code == HTTPStatus.OK
            await reached(client, await sent(client, good_file(1)), handed_in=1)
    for event in ("batches_wait", "request_unavailable", "taken_as_new"):
        assert [error for error in told(logs, event) if CURE not in error] == []


@pytest.mark.kafka
async def test_a_fault_in_the_work_on_files_is_told_and_keeps_no_applicant_out(
    tmp_path: Path, bootstrap: str, database_url: str
) -> None:
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url) as client:
        batch = await reached(client, await sent(client, good_file(1)), handed_in=1)
    alter_parts(database_url, AT_FAULT)
    with capture_logs() as logs:
        async with running_gateway(tmp_path, kafka=bootstrap, database=database_url, retry_after=1) as client:
            await until(lambda: told(logs, "batches_failed") != [])
            assert await apply(client) == HTTPStatus.ACCEPTED
            answer = await client.get(f"{BATCHES}/{batch['batch_id']}")
            assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
            alter_parts(database_url, AS_IT_WAS)
            assert (await look(client, batch))["handed_in"] == 1
            await reached(client, await sent(client, good_file(1)), handed_in=1)
    assert set(told(logs, "batches_failed")) == {"UndefinedFunction"}


def alter_parts(database_url: str, change: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(f"ALTER TABLE gateway.batch_parts {change}".encode())
