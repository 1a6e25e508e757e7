"""How a backlog's rate grows with turns, partitions, processes and the size of applications."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from uuid import uuid4

from services.scorecard.table import Cells
from tests.benchmarks.chain import Chained, chain_with
from tests.benchmarks.contest import RAW, Case, Contestant, Measured
from tests.benchmarks.stages import laid_out
from tests.engine import RunningEngine

TURNS = (100, 500, 1000, 4000)
PARTITIONS = (1, 3, 6, 12)
PROCESSES = (1, 2)
SHARED_PARTITIONS = 4
"""For several processes: one partition is read by one."""
KILOBYTES = (3, 10)
FILLING = "FILLING"
"""A column that the contract does not know: it is kept with the application, and not read."""


def cases(engine: RunningEngine, rows: Sequence[Cells], count: int) -> list[Case]:
    """Return a case for each thing that can grow; its contestants are its sizes."""
    backlog = partial(_backlog, engine, count)
    return [
        _grown("records a turn", count, TURNS, lambda turn: backlog(rows, 1, turn=turn)),
        _grown("partitions", count, PARTITIONS, lambda partitions: backlog(rows, partitions)),
        _grown(
            "processes a stage",
            count,
            PROCESSES,
            lambda number: backlog(rows, SHARED_PARTITIONS, processes=number),
        ),
        _grown(
            "kB an application",
            count,
            KILOBYTES,
            lambda size: backlog([filled(row, size) for row in rows], 1),
        ),
    ]


def told(chained: Chained, count: int, under: str = "") -> Iterator[Measured]:
    """Tell of a backlog."""
    yield Measured("rate", "rows/s", chained.rate, under)
    yield Measured("processor", "ms/row", 1000 * chained.usage.processor / count, under)
    yield Measured("memory, peak", "MB", chained.usage.memory, under)


def filled(row: Cells, kilobytes: int) -> Cells:
    """Return an application of so many kilobytes as JSON; one that has more as it is."""
    missing = 1000 * kilobytes - len(json.dumps({**row, FILLING: ""}))
    return {**row, FILLING: "x" * missing} if missing > 0 else row


def _grown(what: str, count: int, sizes: Sequence[int], run: Callable[[int], Chained]) -> Case:
    def measure(size: int) -> Iterator[Measured]:
        yield from told(run(size), count, f"{size} {what}")

    contestants = tuple(Contestant(f"octroi, {size}", RAW, partial(measure, size)) for size in sizes)
    return Case(f"growth with {what}", contestants)


def _backlog(
    engine: RunningEngine,
    count: int,
    rows: Sequence[Cells],
    partitions: int,
    *,
    processes: int = 1,
    turn: int | None = None,
) -> Chained:
    """Time a backlog in topics of its own: what other runs left would be read too."""
    settings = {} if turn is None else {"OCTROI_STREAM_BATCH_RECORDS": str(turn)}
    with laid_out(engine, partitions):
        return chain_with(engine, rows, f"bench-{uuid4()}", count, processes=processes, settings=settings)
