"""What tests ask of monitoring's tables, over a connection of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from services.kit.records import Record
from services.monitoring.block_table import unpacked
from services.monitoring.champion import Champion
from services.monitoring.counting import Counting
from services.monitoring.observations import Observed
from services.monitoring.tally import Tally
from tests.integration.ledger.reading import LedgerReader
from tests.unit.monitoring.population import SEGMENTS, observed_of


class Sum(NamedTuple):
    """What several blocks hold together."""

    rows: int
    first: datetime
    last: datetime
    tally: list[float]


def sums(table: LedgerReader) -> dict[tuple[str, str, str], Sum]:
    """Return what is counted by topic, model and segment, of all grains together."""
    groups: dict[tuple[str, str, str], list[tuple[int, datetime, datetime, Tally]]] = {}
    for row in table.rows("SELECT * FROM monitoring.blocks"):
        name = (row["topic"], row["model_version"], row["segment"])
        part = (row["rows"], row["first_at"], row["last_at"], unpacked(row["tally"]))
        groups.setdefault(name, []).append(part)
    return {name: _sum(parts) for name, parts in groups.items()}


def expected_sums(rows: Sequence[Observed]) -> dict[tuple[str, str, str], Sum]:
    """Return what must be counted of rows, worked out at once and without blocks."""
    groups: dict[tuple[str, str, str], list[Observed]] = {}
    for row in rows:
        version = row.watched.version if row.decision is None else row.decision.model.version
        for segment in SEGMENTS.of(row.channel, row.contract_type):
            groups.setdefault((row.topic, version, segment), []).append(row)
    return {name: _sum([_counted(group)]) for name, group in groups.items()}


def same(found: dict[tuple[str, str, str], Sum], expected: dict[tuple[str, str, str], Sum]) -> bool:
    """Tell whether sums are equal, but for the order in which numbers were added."""
    return found.keys() == expected.keys() and all(
        found[name][:3] == expected[name][:3]
        and np.allclose(found[name].tally, expected[name].tally, rtol=1e-9, atol=1e-6)
        for name in expected
    )


def grains(table: LedgerReader) -> dict[str, int]:
    """Return the number of blocks of each grain."""
    rows = table.rows("SELECT grain, count(*) AS number FROM monitoring.blocks GROUP BY grain")
    return {row["grain"]: row["number"] for row in rows}


async def count(counting: Counting, champion: Champion, records: Sequence[Record]) -> list[Observed]:
    """Count records as the stage does, and return what was seen in them."""
    rows = observed_of(champion, records)
    await counting.write(rows)
    return rows


def _counted(group: Sequence[Observed]) -> tuple[int, datetime, datetime, Tally]:
    moments = [row.at for row in group]
    decisions = [row.decision for row in group if row.decision is not None]
    watched = group[0].watched
    if decisions:
        tally = watched.decisions.count(decisions)
    else:
        values = np.array([row.values for row in group])
        tally = watched.features.count(values, np.array([row.unknown for row in group]))
    return len(group), min(moments), max(moments), tally


def _sum(parts: Sequence[tuple[int, datetime, datetime, Tally]]) -> Sum:
    rows, firsts, lasts, tallies = zip(*parts, strict=True)
    return Sum(sum(rows), min(firsts), max(lasts), np.sum(tallies, axis=0).tolist())
