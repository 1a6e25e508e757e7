"""Rows of an application table as the cells of applications."""

from collections.abc import Iterator
from pathlib import Path

from services.scorecard.table import Cells, cells_of, read_batches


def rows_of(file: Path) -> Iterator[Cells]:
    """Yield each row's cells. Raises TableError where the file is not an application table."""
    for batch in read_batches(file):
        yield from cells_of(batch)
