"""Applications that came under an id which belongs to a different one: found in bounded time and memory."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from pydantic_core import from_json

from services.kit.database import Connection
from services.kit.packing import unpacked
from services.ledger.applications import Application
from services.ledger.tables import Columns, statement

LARGEST_READ: Final = 8 * 1024
"""Bytes of a value whose cells are compared: two full applications. Whatever they hold, a turn's records of
so many bytes are read in a second or two, and those as large as events may be in most of a minute."""
AT_A_TIME: Final = 32
"""First applications that are held at once: packed and unpacked they take 16 MB at most, and all those that a
turn's records can name a hundred times as much."""
DECLARE: Final = b"DECLARE known NO SCROLL CURSOR FOR "
FETCH: Final = f"FETCH {AT_A_TIME} FROM known".encode()
Known = tuple[bytes, Sequence[Application]]
"""The raw value that came first under an id, and the records that came later."""


class Conflicts:
    """Compares applications with the first under their id, found before or in the same batch."""

    def __init__(self) -> None:
        self._declare = DECLARE + statement("select_known_applications")

    async def among(self, connection: Connection, batch: Sequence[Any], given: Columns) -> list[Application]:
        """Return those that differ from the first; `given` has the batch in columns.

        For one batch of a transaction. Raises psycopg's errors.
        """
        await connection.execute(self._declare, given)
        found: list[Application] = []
        while known := await _fetched(connection, batch):
            # In a thread: heartbeats and probes go on meanwhile.
            found += await asyncio.to_thread(_all_differing, known)
        return found


async def _fetched(connection: Connection, batch: Sequence[Any]) -> list[Known]:
    known = await (await connection.execute(FETCH, binary=True)).fetchall()
    return [(unpacked(row["raw"]), [batch[place - 1] for place in row["places"]]) for row in known]


def _all_differing(known: Sequence[Known]) -> list[Application]:
    return [each for first, later in known for each in differing(first, later)]


def differing(first: bytes, later: Sequence[Application]) -> list[Application]:
    """Return the later records under an id that hold another application than the first one's raw value.

    `first` is as it was received, `later` have it packed. The order of cells does not matter, and one that is
    null and one that is left out are the same, as they are to the gateway. A value larger than `LARGEST_READ`
    is the same only as one of equal bytes.
    """
    cells = _cells(first)
    return [each for each in later if (raw := unpacked(each.raw)) != first and _cells(raw) != cells]


def _cells(raw: bytes) -> object:
    """Return an application's cells, or the value where it is not read: it equals no other's cells."""
    if len(raw) > LARGEST_READ:
        return raw
    try:
        application = from_json(raw).get("application")
    except ValueError:
        # It is no JSON where it was not looked at; the feature stage refuses it.
        return raw
    if not isinstance(application, dict):
        return application
    return {name: cell for name, cell in application.items() if cell is not None}
