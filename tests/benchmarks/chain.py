"""The whole chain: applications wait in the topic, services start, rows arrive in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

import psycopg

from services.kit.kafka_settings import KafkaSettings
from services.replay.sending import cycled
from services.scorecard.table import Cells
from tests.benchmarks.preload import preload
from tests.benchmarks.stages import STAGES, own_stages, stopped
from tests.benchmarks.usage import Usage, usage
from tests.engine import RunningEngine

LAST = """
SELECT (SELECT count(*) FROM ledger.applications WHERE application_id = %(last)s)
     + (SELECT count(*) FROM ledger.decisions WHERE application_id = %(last)s)
"""
"""Cheap, so that asking for it takes nothing from what is measured."""
LEAST_RATE = 200
"""Applications a second; what comes more slowly counts as lost."""
PATIENCE = 120.0
"""Seconds, beside those."""
BESIDE = ("kafka", "postgres")
DECIDED = """
SELECT (SELECT count(*) FROM ledger.applications WHERE application_id LIKE %(run)s),
       (SELECT count(*) FROM ledger.decisions WHERE application_id LIKE %(run)s)
"""


@dataclass(frozen=True, slots=True)
class Chained:
    """What a backlog took, from the start of the processes to application and decision as rows."""

    count: int
    """Applications."""
    rate: float
    """Of them a second."""
    usage: Usage
    """Of the stages' processes, start included."""
    programs: Mapping[str, float] = field(default_factory=dict)
    """Seconds of processor time, until then, of each program that it takes, where these are the engine's."""


def chain(engine: RunningEngine, rows: Sequence[Cells], run: str, count: int) -> Chained:
    """Put applications into the topic while no stage runs, then let the engine's own stages work."""
    with stopped(engine):
        last = _preload(engine, rows, run, count)
        before = _spent(engine)
        begun = monotonic()
    seconds = wait_until_decided(engine, run, count, last) - begun
    programs = {name: spent - before.get(name, 0.0) for name, spent in _spent(engine).items()}
    pids = engine.pids()
    return Chained(count, count / seconds, usage(pids[stage] for stage in STAGES), programs)


def chain_with(
    engine: RunningEngine,
    rows: Sequence[Cells],
    run: str,
    count: int,
    *,
    processes: int = 1,
    settings: Mapping[str, str],
) -> Chained:
    """Do the same with other stages, while the engine's own are stopped."""
    last = _preload(engine, rows, run, count)
    begun = monotonic()
    with own_stages(engine, processes, settings) as pids:
        seconds = wait_until_decided(engine, run, count, last) - begun
        return Chained(count, count / seconds, usage(pids))


def wait_until_decided(engine: RunningEngine, run: str, count: int, last: str | None = None) -> float:
    """Wait until so many applications of a run and their decisions are rows; `last` is looked for first.

    Returns the moment (monotonic clock) at which PostgreSQL was asked and had them all: what it takes to
    count them is none of theirs. Raises AssertionError when they do not come.
    """
    deadline = monotonic() + PATIENCE + count / LEAST_RATE
    with psycopg.connect(engine.environment["DATABASE_URL"], autocommit=True) as ledger:
        while last is not None and ledger.execute(LAST, {"last": last}).fetchone() != (2,):
            if monotonic() > deadline:
                break
            sleep(0.02)
        asked = monotonic()
        while (found := ledger.execute(DECIDED, {"run": f"{run}.%"}).fetchone()) != (count, count):
            assert asked < deadline, f"of {count} applications and decisions {found} are rows"
            sleep(0.1)
            asked = monotonic()
    return asked


def _spent(engine: RunningEngine) -> dict[str, float]:
    """Return the processor time of each program that runs; those that are started again begin at nothing."""
    pids = engine.pids()
    return {name: usage([pids[name]]).processor for name in (*STAGES, *BESIDE) if name in pids}


def _preload(engine: RunningEngine, rows: Sequence[Cells], run: str, count: int) -> str:
    return preload(KafkaSettings(bootstrap_servers=engine.bootstrap), cycled(list(rows), count), run)
