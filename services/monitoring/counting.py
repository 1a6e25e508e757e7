"""Counts observed records into blocks of PostgreSQL, in one transaction with how far was counted.

What comes again after a crash is passed over by its offset, so that nothing is counted twice, whichever
instance has the partition by then. A block is read, added to and written in that transaction: no instance
keeps counts that another could need.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from services.kit.database import Connection, Database, rows_of
from services.monitoring import block_table
from services.monitoring.block_table import Counted, Key, block_number
from services.monitoring.observations import Observed
from services.monitoring.segments import Segments
from services.monitoring.storage import storage_errors
from services.monitoring.tally import Additions

# What is not there cannot be locked, and two instances may count the first batch of a partition.
_BEGIN = (
    "INSERT INTO monitoring.positions SELECT *, 0 FROM unnest(cast(%(topics)s AS text[]), "
    "cast(%(partitions)s AS integer[])) ON CONFLICT DO NOTHING"
)
_POSITIONS = (
    "SELECT topic, partition, next_offset FROM monitoring.positions WHERE (topic, partition) IN "
    "(SELECT * FROM unnest(cast(%(topics)s AS text[]), cast(%(partitions)s AS integer[]))) "
    "ORDER BY topic, partition FOR UPDATE"
)
_MOVE = (
    "UPDATE monitoring.positions SET next_offset = %(next)s "
    "WHERE topic = %(topic)s AND partition = %(partition)s"
)


class Counting:
    """Counts batches, in each of the segments that a row belongs to."""

    def __init__(self, database: Database, segments: Segments) -> None:
        self._database = database
        self._segments = segments

    async def write(self, rows: Sequence[Observed]) -> None:
        """Count a batch once, whatever was counted before. Raises UnavailableError, FatalError."""
        with storage_errors():
            async with self._database.transaction() as connection:
                fresh = await _not_counted(connection, rows)
                if fresh:
                    counted = self.counted(fresh)
                    known = await block_table.read(connection, "block", counted)
                    both = {
                        key: known[key].plus(each) if key in known else each for key, each in counted.items()
                    }
                    await block_table.write(connection, "block", both)
                    await connection.cursor().executemany(_MOVE, _ends(fresh))

    def counted(self, rows: Sequence[Observed]) -> block_table.Blocks:
        """Count rows by block, model, segment and challenger."""
        batches: defaultdict[tuple[str, bool], list[Observed]] = defaultdict(list)
        for row in rows:
            batches[row.watched.version, row.decision is None].append(row)
        counted: dict[Key, Counted] = {}
        for batch in batches.values():
            additions = _additions(batch)
            for key, places in self._places(batch).items():
                moments = [batch[place].at for place in places]
                tally = additions.of(np.array(places, dtype=np.intp))
                each = Counted(len(places), min(moments), max(moments), tally)
                counted[key] = counted[key].plus(each) if key in counted else each
        return counted

    def _places(self, rows: Sequence[Observed]) -> Mapping[Key, Sequence[int]]:
        """Return where among the rows those of each block stand."""
        alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            block = block_number(row.offset, row.at)
            lane = (row.topic, row.partition, block, *_models(row), row.channel, row.contract_type)
            alike[lane].append(place)
        found: defaultdict[Key, list[int]] = defaultdict(list)
        for (topic, number, block, champion, challenger, channel, contract_type), places in alike.items():
            for segment in self._segments.of(channel, contract_type):
                found[Key(topic, number, block, champion, segment, challenger)] += places
        return found


def _additions(batch: Sequence[Observed]) -> Additions:
    """Tell what rows add that are counted in the same bins: decisions, or vectors."""
    watched = batch[0].watched
    decisions = [row.decision for row in batch if row.decision is not None]
    if decisions:
        return watched.decisions.additions(decisions)
    return watched.features.additions(
        np.array([row.values for row in batch]), np.array([row.unknown for row in batch])
    )


def _models(row: Observed) -> tuple[str, str]:
    """Return the versions of champion and challenger; of a challenger that was not heard, nothing."""
    if row.decision is None:
        return row.watched.version, ""
    shadow = row.decision.shadow
    return row.decision.model.version, "" if shadow is None else shadow.model.version


async def _not_counted(connection: Connection, rows: Sequence[Observed]) -> list[Observed]:
    """Return the rows beyond the positions, which stay locked until the transaction's end."""
    partitions = sorted({(row.topic, row.partition) for row in rows})
    topics, numbers = [topic for topic, _ in partitions], [number for _, number in partitions]
    asked = {"topics": topics, "partitions": numbers}
    await connection.execute(_BEGIN, asked)
    found = await rows_of(connection, _POSITIONS, asked)
    known = {(row["topic"], row["partition"]): row["next_offset"] for row in found}
    return [row for row in rows if row.offset >= known[row.topic, row.partition]]


def _ends(rows: Sequence[Observed]) -> list[dict[str, object]]:
    ends: dict[tuple[str, int], int] = {}
    for row in rows:
        ends[row.topic, row.partition] = max(row.offset + 1, ends.get((row.topic, row.partition), 0))
    return [
        {"topic": topic, "partition": number, "next": end} for (topic, number), end in sorted(ends.items())
    ]
