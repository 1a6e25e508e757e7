"""Keeps windows small: old blocks become parts of ten minutes, old parts hours, and what is too old goes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Final

from sqlalchemy import and_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.monitoring import block_table
from services.monitoring.block_table import BLOCKS, NAME, PART, Counted, Grain, Key, block_key, number_of
from services.monitoring.storage import storage_errors
from services.monitoring.windows import SPANS

HOUR: Final = timedelta(hours=1)
FINE_FOR: Final = timedelta(minutes=1)
"""Blocks younger than this stay, whatever their number."""
FINE_FOR_MOST: Final = timedelta(hours=2)
"""Blocks older than this go, even where they are of the window by count: parts are fine enough for one that
takes so long to fill."""
PARTS_FOR: Final = timedelta(hours=25)
_MERGED: Final = -1
"""Partition of what was merged: it is the sum of all of them."""
_OLD_BLOCKS = text(
    # All but the newest of a topic, segment and model that have so many rows together: the window by count.
    "WITH newest AS (SELECT topic, partition, block, model_version, segment, challenger, last_at, "
    "sum(rows) OVER (PARTITION BY topic, segment, model_version ORDER BY last_at DESC, partition, block) "
    "- rows AS newer FROM monitoring.blocks WHERE grain = 'block') "
    "SELECT topic, partition, block, model_version, segment, challenger FROM newest "
    "WHERE last_at < :fine AND newer >= :rows OR last_at < :finest"
)


class Merger:
    """Merges what is old; `last` is the size of the window by count."""

    def __init__(self, database: AsyncEngine, last: int) -> None:
        self._database = database
        self._last = last

    async def merge(self, now: datetime) -> None:
        """Merge blocks and parts, and remove what no window reaches. Raises UnavailableError, FatalError."""
        with storage_errors():
            async with self._database.begin() as connection:
                told = {"rows": self._last, "fine": now - FINE_FOR, "finest": now - FINE_FOR_MOST}
                blocks = [block_key(row) for row in await connection.execute(_OLD_BLOCKS, told)]
                await _merge(connection, "block", "part", PART, blocks)
                are_old = and_(BLOCKS.c.grain == "part", BLOCKS.c.last_at < now - PARTS_FOR)
                parts = [block_key(row) for row in await connection.execute(select(*NAME).where(are_old))]
                await _merge(connection, "part", "hour", HOUR, parts)
                await connection.execute(BLOCKS.delete().where(BLOCKS.c.last_at < now - SPANS["7d"] - HOUR))


async def _merge(
    connection: AsyncConnection, grain: Grain, into: Grain, span: timedelta, keys: Sequence[Key]
) -> None:
    """Add blocks up by the span that they begin in; a span may be added to again later."""
    if not keys:
        return
    old = await block_table.read(connection, grain, keys)
    sums: defaultdict[Key, list[Counted]] = defaultdict(list)
    for key, counted in old.items():
        number = number_of(counted.first, span)
        sums[key._replace(partition=_MERGED, block=number)].append(counted)
    if not sums:
        return
    for key, known in (await block_table.read(connection, into, sums)).items():
        sums[key].insert(0, known)
    await block_table.write(connection, into, {key: reduce(Counted.plus, each) for key, each in sums.items()})
    await block_table.delete(connection, grain, old)
