"""Keeps windows small: old blocks become parts of ten minutes, old parts hours, and what is too old goes.

Blocks of a segment with few rows are small and many: those of the window by count become fewer, too.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

from services.kit.database import Connection, Database, Row, rows_of
from services.monitoring import block_table
from services.monitoring.block_table import OFFSET_BITS, PART, Counted, Grain, Key, block_key
from services.monitoring.mergeable import AT_A_TIME, OLD_BLOCKS, OLD_PARTS, SMALL_BLOCKS, asked
from services.monitoring.storage import storage_errors
from services.monitoring.windows import SPANS

HOUR: Final = timedelta(hours=1)
_MERGED: Final = -1
"""Partition of what was merged: it is the sum of all of them."""
_REMOVE: Final = "DELETE FROM monitoring.blocks WHERE last_at < %(before)s"


class Merger:
    """Merges what is old; `last` is the size of the window by count."""

    def __init__(self, database: Database, last: int) -> None:
        self._database = database
        self._last = last

    async def merge(self, now: datetime) -> None:
        """Merge blocks and parts, and remove what no window reaches. Raises UnavailableError, FatalError."""
        given = asked(now, self._last)
        with storage_errors():
            await self._merge("block", "part", OLD_BLOCKS, given)
            await self._merge("block", "block", SMALL_BLOCKS, given)
            await self._merge("part", "hour", OLD_PARTS, given)
            async with self._database.transaction() as connection:
                await connection.execute(_REMOVE, {"before": now - SPANS["7d"] - HOUR})

    async def _merge(self, grain: Grain, into: Grain, statement: str, given: Mapping[str, Any]) -> None:
        """Merge what a statement finds, until it finds no more than can be merged at a time."""
        targets: Mapping[Key, Key] | None = None
        while targets is None or len(targets) == AT_A_TIME:
            async with self._database.transaction() as connection:
                found = await rows_of(connection, statement, given)
                targets = {block_key(row): _target(row, into) for row in found}
                if targets:
                    await _add_up(connection, grain, into, targets)


def _target(row: Row, into: Grain) -> Key:
    """Return what a block becomes a part of: blocks are numbered by part, and parts by time."""
    key = block_key(row)
    if into == "block":
        number = row["first"]
    else:
        number = key.block >> OFFSET_BITS if into == "part" else key.block // (HOUR // PART)
    return key._replace(partition=_MERGED, block=number)


async def _add_up(connection: Connection, grain: Grain, into: Grain, targets: Mapping[Key, Key]) -> None:
    """Add blocks to their targets; a target may be added to again later."""
    old = await block_table.read(connection, grain, targets)
    sums: defaultdict[Key, list[Counted]] = defaultdict(list)
    for key, counted in old.items():
        sums[targets[key]].append(counted)
    if not sums:
        return
    # Before the targets are read: one may be among them.
    await block_table.delete(connection, grain, old)
    for key, known in (await block_table.read(connection, into, sums)).items():
        sums[key].insert(0, known)
    await block_table.write(connection, into, {key: reduce(Counted.plus, each) for key, each in sums.items()})
