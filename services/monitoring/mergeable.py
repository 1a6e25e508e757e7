"""Which blocks may become fewer, as statements that find so many of them at a time."""

from datetime import datetime, timedelta
from typing import Any, Final

from services.monitoring.block_table import BLOCK, NAME, OFFSET_BITS

AT_A_TIME: Final = 512
"""Blocks that are merged at a time: what is held then does not grow with the rate."""
FINE_FOR: Final = timedelta(seconds=10)
"""Blocks younger than this stay, whatever their number: they may be counted in at this moment."""
FINE_FOR_MOST: Final = timedelta(hours=2)
"""Blocks older than this go, even where they are of the window by count: parts are fine enough for one that
takes so long to fill."""
PARTS_FOR: Final = timedelta(hours=25)
SMALL: Final = 8
"""So many blocks that have less rows together than one may have become one."""
_NEWEST: Final = f"""
WITH newest AS (
    SELECT {NAME}, last_at, sum(rows) OVER (
        PARTITION BY topic, segment, model_version ORDER BY last_at DESC, partition, block
    ) - rows AS newer
    FROM monitoring.blocks
    WHERE grain = 'block'
)
"""  # noqa: S608 - made of constants
"""Blocks, each with the rows of those that are newer."""
OLD_BLOCKS: Final = f"""
{_NEWEST}
SELECT {NAME}
FROM newest
WHERE (last_at < %(fine_since)s AND newer >= %(last)s) OR last_at < %(most_fine_since)s
LIMIT {AT_A_TIME}
"""  # noqa: S608 - made of constants
"""All but the newest of a topic, segment and model that have `last` rows together."""
SMALL_BLOCKS: Final = f"""
{_NEWEST}, beside AS (
    SELECT {NAME}, min(block) OVER step AS first, count(*) OVER step AS blocks
    FROM newest
    WHERE last_at < %(fine_since)s
    WINDOW step AS (
        PARTITION BY topic, segment, model_version, challenger, block >> {OFFSET_BITS}, newer / {BLOCK}
    )
)
SELECT {NAME}, first
FROM beside
WHERE blocks >= {SMALL}
LIMIT {AT_A_TIME}
"""  # noqa: S608 - made of constants
"""Blocks of the window by count that are one step of it together, with the number of the `first`."""
OLD_PARTS: Final = f"""
SELECT {NAME}
FROM monitoring.blocks
WHERE grain = 'part' AND last_at < %(parts_since)s
LIMIT {AT_A_TIME}
"""  # noqa: S608 - made of constants
"""Parts that are beyond the windows that they are for."""


def asked(now: datetime, last: int) -> dict[str, Any]:
    """Return what the statements are given; `last` is the size of the window by count."""
    return {
        "last": last,
        "fine_since": now - FINE_FOR,
        "most_fine_since": now - FINE_FOR_MOST,
        "parts_since": now - PARTS_FOR,
    }
