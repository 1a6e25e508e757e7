"""Databases, by PostgreSQL's own programs: `pg_dump`, `pg_restore` and `psql` must be on the PATH."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from infra.backup.errors import BackupError

VARIABLES: Final[Mapping[str, str]] = {
    option.keyword.decode(): option.envvar.decode()
    for option in Conninfo.get_defaults()
    # What a service's file says would win over the other variables; in an address it does not.
    if option.envvar and option.keyword != b"service"
}
"""Environment variables of PostgreSQL's programs, by what an address calls it. A few things have none."""
LIMITS: Final = "-c lock_timeout=15s -c client_min_messages=warning"
"""Services that still write would be waited for without end."""
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


def variables(url: str) -> Mapping[str, str]:
    """Return an address as environment variables: the command line of a process is for everybody to read."""
    given = {VARIABLES[name]: str(told) for name, told in conninfo_to_dict(url).items()}
    options = " ".join((given.get("PGOPTIONS", ""), LIMITS)).strip()
    return {"PGCONNECT_TIMEOUT": "10", **given, "PGOPTIONS": options}


def _run(url: str, program: str, *arguments: str) -> None:
    address = variables(url)
    try:
        done = subprocess.run(
            (program, *arguments),
            env={**os.environ, **address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not there: install PostgreSQL's client programs") from error
    if done.returncode:
        raise BackupError(f"{program} on {address.get('PGDATABASE')}: {done.stderr.strip()}")
