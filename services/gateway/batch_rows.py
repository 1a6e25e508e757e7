"""The rows of a file, taken together as they come: as many as make a part."""

from collections.abc import Sequence
from sys import getsizeof
from typing import Final

from services.gateway.batch_file import CsvRecords

Record = Sequence[str]
PART_ROWS: Final = 500
"""Rows of a part, where they are as wide as applications are."""
PART_MEMORY: Final = 6 * 1024 * 1024
"""Bytes of memory from which fewer rows make a part. 500 rows of all columns take 4 MB; as many of the widest
that there may be would take hundreds."""
CELL: Final = 64
"""Bytes that a cell takes beside its characters."""


class Rows:
    """Cuts a stream of bytes into the header and the rows of each part."""

    def __init__(self) -> None:
        self._records = CsvRecords()
        self._most = 1
        self._waiting: list[Record] = []
        self._memory = 0

    def feed(self, data: bytes, *, last: bool = False) -> list[list[Record]]:
        """Return what is complete: first of all the header alone, then the rows of each part.

        Raises ProblemError for what is no CSV file in UTF-8.
        """
        complete: list[list[Record]] = []
        for record in self._records.feed(data, last=last):
            self._waiting.append(record)
            self._memory += CELL * len(record) + getsizeof("".join(record))
            if len(self._waiting) >= self._most or self._memory >= PART_MEMORY:
                complete.append(self._taken())
        if last and self._waiting:
            complete.append(self._taken())
        return complete

    def _taken(self) -> list[Record]:
        taken, self._waiting = self._waiting, []
        self._most, self._memory = PART_ROWS, 0
        return taken
