"""Batches in PostgreSQL, as requests see them: a file comes in, and what became of it is told."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import IntegrityError

from services.gateway import batch_queries as queries
from services.gateway import batch_work_queries as work
from services.gateway.batch_part import Part, RowError, application_id
from services.gateway.batch_tally import Tally
from services.gateway.storage import storage_errors
from services.kit.database import Connection, Database, rows_of
from services.kit.errors import UnavailableError

Row = Mapping[str, Any]
LAST_ROW: Final = 2**31 - 1


class KeyTakenError(Exception):
    """Another batch came in under the same idempotency key meanwhile."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch and what became of it so far."""

    batch_id: str
    name: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    rows: int
    invalid: int
    handed_in: int
    tally: Tally
    digest: bytes


class BatchStore:
    """Reads and writes batches. Every method may raise UnavailableError and StatementError."""

    def __init__(self, database: Database, *, within: float) -> None:
        """Make a store; `within` is the longest wait for PostgreSQL, in seconds."""
        self._database = database
        self._within = within

    async def begin(self, batch_id: str, name: str) -> None:
        """Note that a file is coming in."""
        async with self.transaction() as connection:
            await connection.execute(queries.BEGIN, {"batch_id": batch_id, "name": name})

    async def add(self, batch_id: str, part: Part) -> None:
        """Keep a part of the file."""
        async with self.transaction() as connection:
            rows = part.last_row - part.first_row + 1
            counts = {"batch_id": batch_id, "rows": rows, "invalid": part.invalid}
            moved = await connection.execute(queries.MOVED, counts)
            if not moved.rowcount:
                raise UnavailableError(f"batch {batch_id} was given up while its file came in")
            await connection.execute(queries.ADD_PART, _part_row(batch_id, part))
            await add_errors(connection, batch_id, part.errors)

    async def complete(self, batch_id: str, digest: bytes, request_key: str | None) -> Batch:
        """Let the batch run, now that its whole file is there. Raises KeyTakenError."""
        completed = {"batch_id": batch_id, "digest": digest, "request_key": request_key}
        async with self.transaction() as connection:
            try:
                await connection.execute(queries.COMPLETE, completed)
            except IntegrityError:
                raise KeyTakenError from None
            await connection.execute(work.FINISH, {"batch_id": batch_id})
        return await self.required(batch_id)

    async def drop(self, batch_id: str) -> None:
        """Give up a batch whose file has not come in."""
        async with self.transaction() as connection:
            await connection.execute(queries.DROP, {"batch_id": batch_id})

    async def cancel(self, batch_id: str) -> None:
        """Drop what is not handed in; a batch that is not running stays as it is."""
        async with self.transaction() as connection:
            await connection.execute(queries.CANCEL, {"batch_id": batch_id})
            await connection.execute(work.DROP_PARTS)

    async def find(self, batch_id: str) -> Batch | None:
        """Return a batch with its counts of this moment."""
        return _first(await self._batches(queries.FIND, {"batch_id": batch_id}))

    async def find_by_key(self, request_key: str) -> Batch | None:
        """Return the batch that came in under an idempotency key."""
        return _first(await self._batches(queries.FIND_BY_KEY, {"request_key": request_key}))

    async def newest(self, limit: int) -> list[Batch]:
        """Return the latest batches with their counts of this moment."""
        return await self._batches(queries.NEWEST, {"limit": limit})

    async def required(self, batch_id: str) -> Batch:
        """Return a batch that is there."""
        batch = await self.find(batch_id)
        if batch is None:
            raise UnavailableError(f"batch {batch_id} was there a moment ago")
        return batch

    async def errors(self, batch_id: str, *, after: int, limit: int) -> Sequence[Row]:
        """Return what is wrong with rows behind row `after`."""
        asked = {"batch_id": batch_id, "first_row": after + 1, "last_row": LAST_ROW, "limit": limit}
        async with self.transaction() as connection:
            return await rows_of(connection, queries.ERRORS, asked)

    async def _batches(self, statement: str, parameters: Row) -> list[Batch]:
        """Add to settled counts those of the parts in flight, which are few whatever the file's length."""
        async with self.transaction(queries.ONE_MOMENT) as connection:
            found = await rows_of(connection, statement, parameters)
            open_ids = [row["batch_id"] for row in found if row["state"] != "done"]
            live = await rows_of(connection, work.COUNT_OF, {"batch_ids": open_ids}) if open_ids else []
        tallies = {row["batch_id"]: Tally(row["tally"]) for row in found}
        for row in live:
            tallies[row["batch_id"]] += Tally.of_cells(row["cells"], row["counts"])
        return [Batch(**{**row, "tally": tallies[row["batch_id"]]}) for row in found]

    @asynccontextmanager
    async def transaction(
        self, begin: str = "BEGIN", *, within: float | None = None
    ) -> AsyncIterator[Connection]:
        """Do all within the context, or nothing."""
        within = within or self._within
        try:
            async with asyncio.timeout(within):
                with storage_errors():
                    async with self._database.transaction(begin) as connection:
                        yield connection
        except TimeoutError as error:
            raise UnavailableError(f"PostgreSQL has not answered within {within:g} s") from error


async def add_errors(connection: Connection, batch_id: str, errors: Sequence[RowError]) -> None:
    """Keep what is wrong with rows."""
    if errors:
        columns = {
            "rows": [error.row for error in errors],
            "places": [error.place for error in errors],
            "fields": [error.field for error in errors],
            "messages": [error.message for error in errors],
        }
        await connection.execute(queries.ADD_ERRORS, {"batch_id": batch_id, **columns})


def _first(batches: Sequence[Batch]) -> Batch | None:
    return batches[0] if batches else None


def _part_row(batch_id: str, part: Part) -> Row:
    return {
        "batch_id": batch_id,
        "part": part.number,
        "state": "waiting" if part.row_numbers else "settled",
        "first_row": part.first_row,
        "last_row": part.last_row,
        "first_id": application_id(batch_id, part.first_row),
        "last_id": application_id(batch_id, part.last_row),
        "row_numbers": list(part.row_numbers),
        "loans": list(part.loans),
        "cells": part.cells if part.row_numbers else None,
    }
