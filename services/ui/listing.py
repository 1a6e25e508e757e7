"""Pages of applications: their orders, the way to the next, and the export."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from services.ui.answers import Page, Summary

MOST_EXPORTED: Final = 10_000
LARGEST_PAGE: Final = 200
SORTS: Final = ("submitted_at", "probability_of_default", "score")
"""The gateway's orders."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, which may run programs; ids and channels are texts
of whoever hands in an application."""
COLUMNS: Final = (
    "application_id",
    "state",
    "outcome",
    "probability_of_default",
    "score",
    "channel",
    "submitted_at",
    "decided_at",
)


class Pages(Protocol):
    """Who hands out pages."""

    def page(self, filters: Mapping[str, str | int]) -> Page:
        """Return a page."""


def cursor_of(following: str | None) -> str | None:
    """Return where the next page begins, from its address."""
    return None if following is None else parse_qs(urlsplit(following).query)["cursor"][0]


def every_page(pages: Pages, filters: Mapping[str, str | int]) -> Iterator[Summary]:
    """Yield the applications of all pages."""
    cursor: str | None = ""
    while cursor is not None:
        asked = {**filters, "limit": LARGEST_PAGE, **({"cursor": cursor} if cursor else {})}
        page = pages.page(asked)
        yield from page.items
        cursor = cursor_of(page.next)


def export(pages: Pages, filters: Mapping[str, str | int]) -> str:
    """Return what the filters ask for as CSV, at most so many rows, with `'` before what may be a formula."""
    written = StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, item in enumerate(every_page(pages, filters)):
        if number == MOST_EXPORTED:
            break
        cells = item.model_dump(mode="json", include=set(COLUMNS))
        writer.writerow({name: _harmless(cell) for name, cell in cells.items()})
    return written.getvalue()


def _harmless(cell: object) -> object:
    """Return a cell as spreadsheets show it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
