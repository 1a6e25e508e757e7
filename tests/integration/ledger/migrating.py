"""Databases of a test's own, and the command that a person migrates them with."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import psycopg
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url


def migrate(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Alembic as the documentation says, with DATABASE_URL set to `url`."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", "-c", "infra/postgres/alembic.ini", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def new_database(server: str, template: str = "postgresql:///template1") -> Iterator[str]:
    """Make a database, a copy of the one that `template` is the URL of, and drop it at the end."""
    url = make_url(server).set(database=f"ledger_{uuid4().hex}")
    name, copied = (Identifier(each.database or "") for each in (url, make_url(template)))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, copied))
        yield url.render_as_string(hide_password=False)
        while True:
            # While PostgreSQL itself tidies up in it, which nobody else may end, it cannot be dropped.
            with suppress(InsufficientPrivilege):
                connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
                return
