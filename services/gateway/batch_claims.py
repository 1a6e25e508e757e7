"""Batches in PostgreSQL, as the work on them sees them: parts are claimed, handed in, settled."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from services.gateway import batch_work_queries as queries
from services.gateway.batch_file import Cells
from services.gateway.batch_part import APPLICATION, RowError, unpack_cells
from services.gateway.batch_store import BatchStore, add_errors
from services.gateway.batch_tally import Tally
from services.kit.database import Connection, rows_of

HAND_IN_SECONDS: Final = 30.0
"""Longest time for a part; others may have it then."""
STALE: Final = timedelta(minutes=10)
"""A file of which nothing has come in for so long will not come in any more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A part that this process alone hands in."""

    batch_id: str
    number: int
    rows: Sequence[tuple[int, Cells]]
    """Row numbers and cells."""
    tried: tuple[datetime, datetime] | None
    """The first and the last try before this one: Kafka may have some of the rows."""
    connection: Connection

    async def handed_in(self, lost: Sequence[RowError]) -> None:
        """Note that Kafka has all rows but those `lost`, which it is not to have."""
        await add_errors(self.connection, self.batch_id, lost)
        part = {"batch_id": self.batch_id, "part": self.number}
        await self.connection.execute(queries.HANDED_IN, {**part, "lost": len(lost)})
        await self.connection.execute(queries.FORGET_TRIES, part)


@dataclass(frozen=True, slots=True)
class InFlight:
    """A part that was handed in, and what came of it so far."""

    batch_id: str
    number: int
    rows: int
    tally: Tally
    lost: int
    """Rows that get no decision: refused by a stage, or when they were handed in."""

    def undecided(self) -> int:
        """Return how many rows still wait."""
        return max(0, self.rows - self.lost - self.tally.decided())


class Claims:
    """The work on batches, shared with other gateways. Every method may raise UnavailableError."""

    def __init__(self, store: BatchStore) -> None:
        self._store = store

    async def open_batches(self) -> list[str]:
        """Return the batches with parts that wait, in the order of their turns."""
        async with self._store.transaction() as connection:
            return [row["batch_id"] for row in await rows_of(connection, queries.OPEN, {})]

    async def running(self) -> int:
        """Return how many batches are running."""
        async with self._store.transaction() as connection:
            [row] = await rows_of(connection, queries.RUNNING, {})
            return int(row["batches"])

    @asynccontextmanager
    async def claimed(self, batch_id: str) -> AsyncIterator[Claim | None]:
        """Claim the batch's next part while in the context; None where others have what is left."""
        async with self._store.transaction(queries.LET_GO, within=HAND_IN_SECONDS) as connection:
            found = await rows_of(connection, queries.CLAIM, {"batch_id": batch_id})
            yield await self._claim(batch_id, found[0], connection) if found else None

    async def _claim(self, batch_id: str, row: Mapping[str, Any], connection: Connection) -> Claim:
        """Note the try, for good: whatever becomes of it, who comes after knows."""
        part = {"batch_id": batch_id, "part": row["part"]}
        [tries] = await rows_of(connection, queries.TRIES, part)
        async with self._store.transaction() as other:
            await other.execute(queries.TRY, part)
        tried = (tries["first"], tries["last"]) if tries["first"] else None
        rows = tuple(zip(row["row_numbers"], unpack_cells(row["cells"]), strict=True))
        return Claim(batch_id, row["part"], rows, tried, connection)

    async def in_flight(self) -> list[InFlight]:
        """Return every part in flight with its counts of this moment."""
        async with self._store.transaction() as connection:
            rows = await rows_of(connection, queries.COUNT_ALL, {})
        return [
            InFlight(
                row["batch_id"],
                row["part"],
                row["rows"],
                Tally.of_cells(row["cells"], row["counts"]),
                row["lost"] + row["refused"],
            )
            for row in rows
        ]

    async def settle(self, batch_id: str, done: Sequence[InFlight]) -> None:
        """Add the counts of parts, of which every row is done with, to their batch's."""
        parts = {part.number: part for part in done}
        batch = {"batch_id": batch_id}
        numbers = {**batch, "parts": list(parts)}
        async with self._store.transaction() as connection:
            [kept] = await rows_of(connection, queries.LOCK, batch)
            settled = map(itemgetter("part"), await rows_of(connection, queries.SETTLE, numbers))
            tally, lost = Tally(kept["tally"]), 0
            for part in [parts[number] for number in settled]:
                tally, lost = tally + part.tally, lost + part.lost
            if lost:
                await connection.execute(queries.NOTE_REFUSALS, {**numbers, "field": APPLICATION})
            await connection.execute(queries.ADD_UP, {**batch, "tally": list(tally.counts), "lost": lost})
            await connection.execute(queries.FINISH, batch)

    async def tidy(self) -> None:
        """Drop what crashes have left: files that came in by half, parts of cancelled batches."""
        async with self._store.transaction() as connection:
            await connection.execute(queries.DROP_STALE, {"age": STALE})
            await connection.execute(queries.DROP_PARTS)
