"""The table of blocks: what each holds, read and written whole."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import zstandard

from services.kit.database import Connection, Row, rows_of
from services.monitoring.tally import Tally

Grain = Literal["block", "part", "hour"]
BLOCK: Final = 256
"""Most offsets in a block: the finest step of a window by count."""
PART: Final = timedelta(minutes=10)
"""Longest span that a block holds the rows of: where few come, 256 of them could take days."""
OFFSET_BITS: Final = 40
"""A block's number is that of its part, and so many bits that tell its offsets."""
LEVEL: Final = 1
"""zstandard: a third of zlib's time, on the way in and out, for as many bytes."""
NAME: Final = "topic, partition, block, model_version, segment, challenger"
"""Columns that name a block of a grain, as `Key` has them."""
CONTENT: Final = "rows, first_at, last_at, tally"
"""Columns that say what it holds."""
# Arrays, and not a parameter for each name: after an outage they would be more than PostgreSQL takes.
_NAMES: Final = (
    "%(topic)s::text[], %(partition)s::integer[], %(block)s::bigint[], "
    "%(version)s::text[], %(segment)s::text[], %(challenger)s::text[]"
)
_THESE: Final = f"""
WHERE grain = %(grain)s AND ({NAME}) IN (
    SELECT * FROM unnest({_NAMES})
)
"""  # noqa: S608 - made of constants
_READ: Final = f"SELECT {NAME}, {CONTENT} FROM monitoring.blocks {_THESE} FOR UPDATE"  # noqa: S608 - as above
_DELETE: Final = f"DELETE FROM monitoring.blocks {_THESE}"  # noqa: S608 - as above
_WRITE: Final = f"""
INSERT INTO monitoring.blocks (grain, {NAME}, {CONTENT}, changed)
SELECT %(grain)s, given.*, nextval('monitoring.changes')
FROM unnest(
    {_NAMES},
    %(rows)s::integer[], %(first_at)s::timestamptz[], %(last_at)s::timestamptz[], %(tally)b::bytea[]
) AS given
ON CONFLICT (grain, {NAME}) DO UPDATE
SET rows = excluded.rows, first_at = excluded.first_at, last_at = excluded.last_at, tally = excluded.tally,
    changed = excluded.changed
"""  # noqa: S608 - made of constants


class Key(NamedTuple):
    """Names a block of a grain."""

    topic: str
    partition: int
    block: int
    version: str
    segment: str
    challenger: str
    """Version that was heard on its decisions; empty where none was."""


def number_of(moment: datetime, span: timedelta) -> int:
    """Return the number of the span since 1970 that a moment lies in."""
    return int(moment.timestamp() // span.total_seconds())


def block_number(offset: int, at: datetime) -> int:
    """Return the number of the block that a row is counted in."""
    return (number_of(at, PART) << OFFSET_BITS) + offset // BLOCK


class Counted(NamedTuple):
    """What a block holds."""

    rows: int
    first: datetime
    last: datetime
    tally: Tally

    def plus(self, other: "Counted") -> "Counted":
        """Return both as one; a tally of another layout gives way to the newer one."""
        if self.tally.shape != other.tally.shape:
            return other
        return Counted(
            self.rows + other.rows,
            min(self.first, other.first),
            max(self.last, other.last),
            self.tally + other.tally,
        )


Blocks = Mapping[Key, Counted]


async def read(connection: Connection, grain: Grain, keys: Iterable[Key]) -> Blocks:
    """Return those of the blocks that there are, and lock them until the transaction's end.

    There is at least one key, as there is for `delete`.
    """
    found = await rows_of(connection, _READ, _named(grain, keys))
    return {block_key(row): block_of(row) for row in found}


async def write(connection: Connection, grain: Grain, blocks: Blocks) -> None:
    """Write blocks in place of those of their names, in one order, so that no instance waits for itself."""
    held = [blocks[key] for key in sorted(blocks)]
    content = {
        "rows": [each.rows for each in held],
        "first_at": [each.first for each in held],
        "last_at": [each.last for each in held],
        "tally": [packed(each.tally) for each in held],
    }
    await connection.execute(_WRITE, {**_named(grain, blocks), **content})


async def delete(connection: Connection, grain: Grain, keys: Iterable[Key]) -> None:
    """Remove blocks."""
    await connection.execute(_DELETE, _named(grain, keys))


def _named(grain: Grain, keys: Iterable[Key]) -> dict[str, Any]:
    """Return names as columns, in their order."""
    columns = zip(Key._fields, zip(*sorted(keys), strict=True), strict=True)
    return {"grain": grain, **{name: list(values) for name, values in columns}}


def block_key(row: Row) -> Key:
    """Return the name of a row with NAME."""
    return Key(
        row["topic"],
        row["partition"],
        row["block"],
        row["model_version"],
        row["segment"],
        row["challenger"],
    )


def block_of(row: Row) -> Counted:
    """Return what a row with CONTENT holds."""
    return Counted(row["rows"], row["first_at"], row["last_at"], unpacked(row["tally"]))


def packed(tally: Tally) -> bytes:
    """Return a tally as it is stored: most of its numbers are 0."""
    return zstandard.compress(tally.astype("<f8").tobytes(), LEVEL)


def unpacked(content: bytes) -> Tally:
    """Return a tally that was stored, also with zlib, as tallies once were."""
    unpack = zstandard.decompress if content.startswith(zstandard.FRAME_HEADER) else zlib.decompress
    return np.frombuffer(unpack(content), dtype="<f8")
