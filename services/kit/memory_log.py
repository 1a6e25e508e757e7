"""One partition of the broker in memory."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from services.kit.records import Record

LAST: Final = 100
"""Records that are kept of a partition that no group reads."""


class MemoryLog:
    """Records in the order of their offsets, of which the oldest may be forgotten."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self.first = 0
        """Offset of the oldest record that is kept."""
        self.held = 0
        """Bytes of keys and values that are kept."""

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @property
    def end(self) -> int:
        """Offset of the next record."""
        return self.first + len(self._records)

    def append(self, record: Record) -> None:
        """Keep a record, whose offset is the end."""
        self._records.append(record)
        self.held += _size(record)

    def slice(self, position: int, most: int) -> list[Record]:
        """Return at most so many records from a position on."""
        start = max(position - self.first, 0)
        return list(islice(self._records, start, start + most))

    def forget(self, before: int | None, *, keep_last: bool) -> None:
        """Drop records before an offset, or all without one, but for the last ones where they are kept."""
        limit = self.end if before is None else before
        limit = min(limit, self.end - LAST) if keep_last else limit
        while self._records and self.first < limit:
            self.held -= _size(self._records.popleft())
            self.first += 1


def _size(record: Record) -> int:
    return len(record.key or b"") + len(record.value or b"")
