"""Latency against offered load, up to where the engine no longer keeps up, and what it does beyond."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from services.scorecard.table import Cells
from tests.benchmarks import by_engine
from tests.benchmarks.contest import RAW, Case, Contestant, Measured
from tests.benchmarks.job import Told
from tests.benchmarks.traffic import send
from tests.engine import RunningEngine

RATES = (25, 50, 100, 200, 400, 600, 800, 1000, 1200, 1600, 2000)
"""Offered, in requests a second."""
OPEN = 1_000
"""Connections for them: far more than are in use while the engine keeps up."""
CROWDS = (64, 512, 1_000, 2_000)
"""Connections that each ask again as soon as they are answered."""
LATEST = 1.0
"""Seconds: who answers the last request later than so long after it was due did not keep up."""
PATIENCE = {"clients that wait": 2.0, "clients that do not": 0.0}
"""Seconds that who is refused waits, as the gateway's Retry-After says, or ought to."""
BODIES = 500


@dataclass(frozen=True, slots=True)
class Point:
    """What came of an offered load."""

    offered: float
    """Requests a second."""
    late: float
    """Seconds from when the last request was due to the last answer."""
    whole: bool
    """Whether every answer was a decision."""


def cases(engine: RunningEngine, rows: Sequence[Cells], seconds: float) -> list[Case]:
    """Return the curve, and what happens beyond its end; each load is offered for so many seconds."""
    some = rows[:BODIES]
    return [
        Case("offered load", (Contestant("octroi", RAW, partial(_curve, engine, some, seconds)),)),
        Case(
            "beyond saturation",
            tuple(
                Contestant(f"octroi, {who}", RAW, partial(_crowd, engine, some, connections, patience))
                for who, patience in PATIENCE.items()
                for connections in CROWDS
            ),
        ),
    ]


def knee(points: Sequence[Point]) -> float:
    """Return the highest load up to which the engine kept up, 0 where it never did."""
    reached = 0.0
    for point in sorted(points, key=lambda point: point.offered):
        if point.late > LATEST or not point.whole:
            break
        reached = point.offered
    return reached


def _curve(engine: RunningEngine, rows: Sequence[Cells], seconds: float) -> Iterator[Measured]:
    address, traffic = engine.gateway, by_engine.awaited(engine, rows)
    points = []
    for rate in RATES:
        told = send(address, traffic, connections=OPEN, requests=int(rate * seconds), rate=rate, warm_up=50)
        points.append(Point(rate, told.seconds - seconds, told.statuses.keys() == {"200"}))
        yield from _told(told, f"{rate} offered a second")
        if points[-1].late > seconds:
            break
    yield Measured("knee", "decisions/s", knee(points))


def _crowd(
    engine: RunningEngine, rows: Sequence[Cells], connections: int, patience: float
) -> Iterator[Measured]:
    """Let so many ask at once, five times each."""
    traffic = by_engine.awaited(engine, rows)
    told = send(
        engine.gateway,
        traffic,
        connections=connections,
        requests=5 * connections,
        warm_up=0,
        patience=patience,
    )
    yield from _told(told, f"{connections} connections")


def _told(told: Told, under: str) -> Iterator[Measured]:
    if told.rate:
        yield Measured("p50", "ms", told.p50, under)
        yield Measured("p99", "ms", told.p99, under)
    yield Measured("rate", "decisions/s", told.rate, under)
    for status, answers in sorted(told.statuses.items()):
        yield Measured(f"answers {status}", "share", answers / sum(told.statuses.values()), under)
