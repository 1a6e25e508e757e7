"""The reference pages, all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.documents.database_page import database_page
from infra.documents.decisions_page import decisions_page
from infra.documents.events_page import events_page
from infra.documents.metrics_page import metrics_page
from infra.documents.rest_page import rest_page
from infra.documents.settings_page import settings_page

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
