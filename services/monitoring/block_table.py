"""The table of blocks: what each holds, read and written whole."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import zstandard
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

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
MOMENT = DateTime(timezone=True)
BLOCKS = Table(
    "blocks",
    MetaData(schema="monitoring"),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("block", BigInteger, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("segment", Text, primary_key=True),
    Column("challenger", Text, primary_key=True),
    Column("first_at", MOMENT),
    Column("last_at", MOMENT),
    Column("rows", Integer),
    Column("tally", LargeBinary),
    Column("changed", BigInteger),
)
_c = BLOCKS.c
NAME = (_c.topic, _c.partition, _c.block, _c.model_version, _c.segment, _c.challenger)
CONTENT = (_c.rows, _c.first_at, _c.last_at, _c.tally)
# Arrays, and not a parameter for each name: after an outage they would be more than PostgreSQL takes.
_NAMED = select(*(func.unnest(bindparam(f"asked_{each.name}", type_=ARRAY(each.type))) for each in NAME))
_THESE = and_(_c.grain == bindparam("asked_grain"), tuple_(*NAME).in_(_NAMED))
# Statements are made once: each is a web of objects, which would lie about until the next collection.
_READ = select(*NAME, *CONTENT).where(_THESE).with_for_update()
_DELETE = BLOCKS.delete().where(_THESE)
_GIVEN = insert(BLOCKS).values(changed=func.nextval("monitoring.changes"))
_WRITE = _GIVEN.on_conflict_do_update(
    index_elements=list(BLOCKS.primary_key.columns),
    set_={column.name: _GIVEN.excluded[column.name] for column in (*CONTENT, _c.changed)},
)


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


async def read(connection: AsyncConnection, grain: Grain, keys: Iterable[Key]) -> Blocks:
    """Return those of the blocks that there are, and lock them until the transaction's end.

    There is at least one key, as there is for `delete`.
    """
    found = await connection.execute(_READ, _asked(grain, keys))
    return {block_key(row): block_of(row) for row in found}


async def write(connection: AsyncConnection, grain: Grain, blocks: Blocks) -> None:
    """Write blocks in place of those of their names, in one order, so that no instance waits for itself."""
    rows = [
        {
            **dict(zip((column.name for column in (*NAME, *CONTENT)), (*key, *counted), strict=True)),
            "tally": packed(counted.tally),
            "grain": grain,
        }
        for key, counted in sorted(blocks.items(), key=lambda item: item[0])
    ]
    await connection.execute(_WRITE, rows)


async def delete(connection: AsyncConnection, grain: Grain, keys: Iterable[Key]) -> None:
    """Remove blocks."""
    await connection.execute(_DELETE, _asked(grain, keys))


def _asked(grain: Grain, keys: Iterable[Key]) -> dict[str, object]:
    columns = zip(*sorted(keys), strict=True)
    named = {f"asked_{each.name}": list(values) for each, values in zip(NAME, columns, strict=True)}
    return {"asked_grain": grain, **named}


def block_key(row: Row[*tuple[Any, ...]]) -> Key:
    """Return the name of a row that begins with NAME."""
    return Key(*row[: len(NAME)])


def block_of(row: Row[*tuple[Any, ...]]) -> Counted:
    """Return what a row with CONTENT holds."""
    return Counted(row.rows, row.first_at, row.last_at, unpacked(row.tally))


def packed(tally: Tally) -> bytes:
    """Return a tally as it is stored: most of its numbers are 0."""
    return zstandard.compress(tally.astype("<f8").tobytes(), LEVEL)


def unpacked(content: bytes) -> Tally:
    """Return a tally that was stored, also with zlib, as tallies once were."""
    unpack = zstandard.decompress if content.startswith(zstandard.FRAME_HEADER) else zlib.decompress
    return np.frombuffer(unpack(content), dtype="<f8")
