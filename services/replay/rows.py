"""Rows of an application table as the cells of applications, or as what their loans did."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from services.scorecard.columns import IDENTIFIER
from services.scorecard.table import Cells, TableError, cells_of, identifiers_of, read_batches

TARGET: Final = "TARGET"


class Labelled(NamedTuple):
    """A row's loan, and whether it defaulted; None where that is not known."""

    identifier: int
    defaulted: bool | None


def rows_of(file: Path) -> Iterator[Cells]:
    """Yield each row's cells. Raises TableError where the file is not an application table."""
    for batch in read_batches(file):
        yield from cells_of(batch)


def labels_of(file: Path) -> Iterator[Labelled]:
    """Yield each row's label. Raises TableError where the file is no application table with TARGET."""
    for batch in read_batches(file, include=(TARGET,)):
        for identifier, label in zip(identifiers_of(batch), batch.column(TARGET).to_pylist(), strict=True):
            if label not in (0, 1, None):
                raise TableError(
                    f"{TARGET}: must be 0 or 1, or empty ({IDENTIFIER} {identifier}); correct the cell"
                )
            yield Labelled(int(identifier), None if label is None else label == 1)
