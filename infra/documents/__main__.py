"""Write the reference pages: `DATABASE_URL=... python -m infra.documents`, of a migrated database."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.documents.database_page import database_page
from infra.documents.events_page import events_page
from infra.documents.metrics_page import metrics_page
from infra.documents.rest_page import rest_page
from infra.documents.settings_page import settings_page
from services.kit.database import DatabaseSettings
from services.kit.environment import exit_code_of, read

FOLDER: Final = Path("docs/reference")


def pages(database_url: str) -> Mapping[str, str]:
    """Return the text of each page by its file name."""
    return {
        "settings.md": settings_page(),
        "rest.md": rest_page(),
        "events.md": events_page(),
        "metrics.md": metrics_page(),
        "database.md": database_page(database_url),
    }


def main() -> int:
    """Write the pages and return the exit code."""
    url = read(DatabaseSettings).url.get_secret_value()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages(url).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
