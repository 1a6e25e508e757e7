"""What integration tests of several rooms start from."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from infra.local.postgres import Postgres
from tests.engine import free_port
from tests.integration.ledger.migrating import migrate, new_database
from tests.parts import RunningPart, part_folder, running_part


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Iterator[str]:
    """URL of a database with all migrations, for others to be copied from; nobody writes into it."""
    with new_database(postgres_url) as url:
        migrated = migrate(url, "upgrade", "head")
        assert migrated.returncode == 0, migrated.stderr
        with psycopg.connect(url) as connection:
            # Said of a database, this is not copied with it.
            name = Identifier(make_url(url).database or "")
            connection.execute(SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        yield url


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database of the test's own."""
    with new_database(postgres_url, template) as url:
        yield url


@pytest.fixture
def own_postgres() -> Iterator[tuple[RunningPart, str]]:
    """A PostgreSQL to be killed, whose data survive it, and the URL of its migrated database."""
    with part_folder() as folder:
        postgres = Postgres(folder / "postgres", free_port())
        with running_part(postgres, folder / "postgres.log") as running:
            url = postgres.url("octroi")
            assert migrate(url, "upgrade", "head").returncode == 0
            yield running, url
