"""Windows: the newest blocks, by count or by time, summed from what PostgreSQL holds of all partitions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final, NamedTuple

import numpy as np

from services.kit.database import Database, Row, rows_of
from services.monitoring.block_table import CONTENT, Counted, block_of
from services.monitoring.storage import storage_errors
from services.monitoring.tally import Tally

SPANS: Final[Mapping[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
ONE_MOMENT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""What is listed and what is fetched are of one moment."""
_OURS: Final = "FROM monitoring.blocks WHERE model_version = %(version)s AND last_at >= %(since)s"
# A number is drawn for each change of a block, so that it names what the block holds.
_LISTED: Final = f"SELECT changed {_OURS}"
_FETCHED: Final = (
    f"SELECT changed, topic, segment, challenger, {CONTENT} {_OURS} AND changed = ANY(%(new)s::bigint[])"
)


class Block(NamedTuple):
    """What a block holds, and of what: `challenger` was heard on it."""

    topic: str
    segment: str
    challenger: str
    counted: Counted


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A window's sum; none of a layout's size where nothing was counted."""

    rows: int
    begins: datetime | None
    ends: datetime | None
    tally: Tally | None
    heard: Mapping[str, Tally] = field(default_factory=dict)
    """Of it, the decisions that a challenger was heard on, by its version."""


class WindowReader:
    """Holds the blocks of the last seven days, and fetches those that have changed.

    Blocks are few: those that are older than the last window by count are merged into parts of ten minutes,
    and these into hours (see `merging`), so that memory does not grow with the rate.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[int, Block] = {}
        self._newest_first: dict[tuple[str, str], list[Block]] = {}

    async def refresh(self, version: str, now: datetime) -> None:
        """Bring the blocks of a model up to date. Raises UnavailableError, FatalError."""
        with storage_errors():
            async with self._database.transaction(ONE_MOMENT) as connection:
                ours = {"version": version, "since": now - SPANS["7d"]}
                there = [row["changed"] for row in await rows_of(connection, _LISTED, ours)]
                new = [changed for changed in there if changed not in self._held]
                fetched = await rows_of(connection, _FETCHED, {**ours, "new": new})
        known = self._held | {row["changed"]: _block(row) for row in fetched}
        self._held = {changed: known[changed] for changed in there}
        self._newest_first = _newest_first(self._held.values())

    def segments(self) -> Sequence[str]:
        """Return the segments that have blocks."""
        return sorted({segment for _, segment in self._newest_first})

    def last(self, topic: str, segment: str, rows: int) -> Window:
        """Return the newest blocks that have so many rows together, or all there are."""
        chosen: list[Block] = []
        for block in self._newest_first.get((topic, segment), ()):
            chosen.append(block)
            rows -= block.counted.rows
            if rows <= 0:
                break
        return _sum(chosen)

    def since(self, topic: str, segment: str, begin: datetime) -> Window:
        """Return the blocks that reach beyond a moment; the oldest may begin before it."""
        found = self._newest_first.get((topic, segment), ())
        return _sum(list(takewhile(lambda block: block.counted.last >= begin, found)))


def _block(row: Row) -> Block:
    return Block(row["topic"], row["segment"], row["challenger"], block_of(row))


def _newest_first(held: Iterable[Block]) -> dict[tuple[str, str], list[Block]]:
    """Return blocks by topic and segment."""
    found: defaultdict[tuple[str, str], list[Block]] = defaultdict(list)
    for block in held:
        found[block.topic, block.segment].append(block)
    for blocks in found.values():
        blocks.sort(key=lambda each: each.counted.last, reverse=True)
    return dict(found)


def _sum(chosen: Sequence[Block]) -> Window:
    if not chosen:
        return Window(0, None, None, None)
    size = len(max(chosen, key=lambda each: each.counted.last).counted.tally)
    same = [each for each in chosen if len(each.counted.tally) == size]
    heard: defaultdict[str, list[Tally]] = defaultdict(list)
    for block in same:
        if block.challenger:
            heard[block.challenger].append(block.counted.tally)
    return Window(
        rows=sum(each.counted.rows for each in same),
        begins=min(each.counted.first for each in same),
        ends=max(each.counted.last for each in same),
        tally=np.sum([each.counted.tally for each in same], axis=0),
        heard={version: np.sum(tallies, axis=0) for version, tallies in heard.items()},
    )
