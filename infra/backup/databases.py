"""Databases, by PostgreSQL's own programs: `pg_dump`, `pg_restore` and `psql` must be on the PATH."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from infra.backup.errors import BackupError

VARIABLES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
EMPTY: Final = """
DO $$
DECLARE
    found text;
BEGIN
    FOR found IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', found);
    END LOOP;
END
$$;
CREATE SCHEMA public;
"""
"""A table that the dump does not know must not stay: the next migration would stumble over it."""


def dump(url: str, file: Path) -> None:
    """Write a database as it is at one moment. Raises BackupError."""
    _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def restore(url: str, file: Path) -> None:
    """Make a database what a dump says, whole or not at all. Raises BackupError."""
    with TemporaryDirectory() as folder:
        script, empty = Path(folder) / "restore.sql", Path(folder) / "empty.sql"
        empty.write_text(EMPTY, encoding="utf-8")
        _run(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        files = (f"--file={empty}", f"--file={script}")
        _run(url, "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)


def _run(url: str, program: str, *arguments: str) -> None:
    # By the environment: the command line of a process is for everybody to read.
    given = conninfo_to_dict(url)
    environment = {variable: str(given[name]) for name, variable in VARIABLES.items() if name in given}
    # Services that still write would be waited for without end.
    waiting = {"PGOPTIONS": "-c lock_timeout=15s -c client_min_messages=warning", "PGCONNECT_TIMEOUT": "10"}
    try:
        done = subprocess.run(
            (program, *arguments),
            env={**os.environ, **waiting, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not there: install PostgreSQL's client programs") from error
    if done.returncode:
        raise BackupError(f"{program} on {given.get('dbname')}: {done.stderr.strip()}")
