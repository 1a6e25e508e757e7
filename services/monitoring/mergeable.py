"""Which blocks may become fewer, as statements that find so many of them at a time."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select

from services.monitoring.block_table import BLOCK, BLOCKS, NAME, OFFSET_BITS

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

_c = BLOCKS.c
_OF_A_WINDOW: Final = (_c.topic, _c.segment, _c.model_version)
_NEWER: Final = (
    func.sum(_c.rows).over(partition_by=_OF_A_WINDOW, order_by=(_c.last_at.desc(), _c.partition, _c.block))
    - _c.rows
)
"""Rows of the blocks that are newer."""
_BLOCKS: Final = select(*NAME, _c.last_at, _NEWER.label("newer")).where(_c.grain == "block").cte("newest")
_b = _BLOCKS.c
_NAME: Final = [_b[column.name] for column in NAME]


def old_blocks(now: datetime, last: int) -> Select[Any]:
    """Find all but the newest of a topic, segment and model that have `last` rows together."""
    beyond = and_(_b.last_at < now - FINE_FOR, _b.newer >= last)
    return select(*_NAME).where(or_(beyond, _b.last_at < now - FINE_FOR_MOST)).limit(AT_A_TIME)


def small_blocks(now: datetime) -> Select[Any]:
    """Find blocks of the window by count that are one step of it together, with the number of the `first`."""
    step = (
        *(_b[column.name] for column in (*_OF_A_WINDOW, _c.challenger)),
        _b.block // 2**OFFSET_BITS,
        _b.newer // BLOCK,
    )
    beside = (
        select(
            *_NAME,
            func.min(_b.block).over(partition_by=step).label("first"),
            func.count().over(partition_by=step).label("blocks"),
        )
        .where(_b.last_at < now - FINE_FOR)
        .cte("beside")
    )
    names = [beside.c[column.name] for column in NAME]
    return select(*names, beside.c.first).where(beside.c.blocks >= SMALL).limit(AT_A_TIME)


def old_parts(now: datetime) -> Select[Any]:
    """Find parts that are beyond the windows that they are for."""
    are_old = and_(_c.grain == "part", _c.last_at < now - PARTS_FOR)
    return select(*NAME).where(are_old).limit(AT_A_TIME)
