"""A small service, as a process: `python -m tests.integration.kit.copying`.

It copies records to a topic, exactly once; or, given a FILE, into an SQLite database that knows its keys.
Records whose key is a multiple of a hundred are refused.
"""

import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic_settings import BaseSettings

from services.kit.records import Emit, Message, Record, Reject
from services.kit.service import StreamService

Row = tuple[int, bytes | None]
"""Partition and key of a record."""


class Copying(BaseSettings):
    name: str
    source: str
    target: str
    dead: str
    file: Path | None = None

    def messages(self, records: Sequence[Record]) -> list[Emit[Message] | Reject]:
        return [
            Reject("is a hundred")
            if is_refused(record)
            else Emit((Message(self.target, record.key, record.value),))
            for record in records
        ]


def rows(records: Sequence[Record]) -> list[Emit[Row] | Reject]:
    return [
        Reject("is a hundred") if is_refused(record) else Emit(((record.partition.number, record.key),))
        for record in records
    ]


def is_refused(record: Record) -> bool:
    return int(record.key or b"") % 100 == 0


class Sink:
    """A table that keeps each key once."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file)
        self._database.execute("CREATE TABLE IF NOT EXISTS copies (partition, key, UNIQUE (partition, key))")

    async def write(self, batch: Sequence[Row]) -> None:
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO copies VALUES (?, ?)", batch)


def main() -> int:
    copying = Copying()
    service = StreamService(copying.name, copying.dead)
    if copying.file is None:
        return service.run(service.stage([copying.source], copying.messages))
    sink = Sink(copying.file)
    return service.run(service.stage([copying.source], rows, write=sink.write))


if __name__ == "__main__":
    sys.exit(main())
