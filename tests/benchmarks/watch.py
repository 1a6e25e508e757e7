"""Monitoring by itself: decided applications wait in the topics, the service starts, all are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import psycopg

from services.scorecard.table import Cells
from tests.benchmarks.chain import chain
from tests.benchmarks.settled import COUNTED, TOPICS, number
from tests.benchmarks.stages import stopped
from tests.benchmarks.usage import processor, resident
from tests.engine import RunningEngine
from tests.parts import until

PARTS = 4
WITHIN = 600.0
"""Seconds for each; what is not counted by then is lost."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What it took to count a backlog, from the process' start on."""

    rate: float
    """Applications per second."""
    processor: float
    """Microseconds of processor time for an application, start included."""
    memory: Sequence[float]
    """Megabytes that the process holds after each quarter of the backlog."""


def watch(engine: RunningEngine, rows: Sequence[Cells], run: str, count: int) -> Watching:
    """Decide applications without monitoring, then let it count what was decided."""
    with psycopg.connect(engine.environment["DATABASE_URL"], autocommit=True) as database:
        with stopped(engine, ("monitoring",)):
            chain(engine, rows, run, count)
            before = number(database, COUNTED)
            begun = monotonic()
        pid = engine.pids()["monitoring"]
        memory = []
        for part in range(1, PARTS + 1):
            _wait(database, before + TOPICS * count * part // PARTS)
            memory.append(resident(pid))
        seconds = monotonic() - begun
    return Watching(count / seconds, 1e6 * processor(pid) / count, memory)


def _wait(database: psycopg.Connection, rows: int) -> None:
    until(lambda: number(database, COUNTED) >= rows, f"{rows} rows to be counted", WITHIN)
