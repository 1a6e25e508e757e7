"""How the rate grows with turns, partitions, processes, the size of applications and that of batches."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from uuid import uuid4

from services.scorecard.table import Cells
from tests.benchmarks import by_engine, in_batches
from tests.benchmarks.chain import Chained, chain_with
from tests.benchmarks.contest import RAW, Case, Contestant, Measured
from tests.benchmarks.stages import laid_out
from tests.engine import RunningEngine

TURNS = (100, 500, 1000, 4000)
PARTITIONS = (1, 3, 6, 12)
PROCESSES = (1, 2)
SHARED_PARTITIONS = 4
"""For several processes: one partition is read by one."""
KILOBYTES = (3, 10, 50, 200)
"""An event may have 262."""
MOST_KILOBYTES = 500_000
"""Of a backlog: fewer applications where they are large, so that a size takes seconds."""
DIFFERENT = 500
"""Applications, which come again: as many as there are would take gigabytes where they are large."""
FILLING = "FILLING"
"""A column that the contract does not know: it is kept with the application, and not read."""
PACKED = "what fills an application packs to next to nothing: more is read and copied, but hardly more kept"
BATCHES = (1, 10, 100, 1_000)
"""The last is the most that the gateway takes in one."""
ROWS_IN_BATCHES = 10_000
"""Handed in at each size, unless these are more than MOST_REQUESTS."""
MOST_REQUESTS = 2_000


def cases(engine: RunningEngine, rows: Sequence[Cells], count: int) -> list[Case]:
    """Return a case for each thing that can grow; its contestants are its sizes."""
    backlog = partial(_backlog, engine)
    return [
        _grown("records a turn", TURNS, lambda turn: backlog(rows, count, 1, turn=turn)),
        _grown("partitions", PARTITIONS, lambda partitions: backlog(rows, count, partitions)),
        _grown(
            "processes a stage",
            PROCESSES,
            lambda number: backlog(rows, count, SHARED_PARTITIONS, processes=number),
        ),
        _grown(
            "kB an application",
            KILOBYTES,
            lambda size: backlog(
                [filled(row, size) for row in rows[:DIFFERENT]], applications_of(size, count), 1
            ),
            PACKED,
        ),
        Case("growth with rows a batch", tuple(_batched(engine, rows)), by_engine.NOTE),
    ]


def told(chained: Chained, under: str = "") -> Iterator[Measured]:
    """Tell of a backlog."""
    yield Measured("rate", "rows/s", chained.rate, under)
    yield Measured("processor", "ms/row", 1000 * chained.usage.processor / chained.count, under)
    yield Measured("memory, peak", "MB", chained.usage.memory, under)


def filled(row: Cells, kilobytes: int) -> Cells:
    """Return an application of so many kilobytes as JSON; one that has more as it is."""
    missing = 1000 * kilobytes - len(json.dumps({**row, FILLING: ""}))
    return {**row, FILLING: "x" * missing} if missing > 0 else row


def applications_of(kilobytes: int, count: int) -> int:
    """Return how many of so many kilobytes wait in a backlog of `count`, if that is not too much."""
    return min(count, MOST_KILOBYTES // kilobytes)


def batches_of(size: int) -> int:
    """Return how many batches of so many rows are handed in."""
    return min(MOST_REQUESTS, ROWS_IN_BATCHES // size)


def _grown(what: str, sizes: Sequence[int], run: Callable[[int], Chained], note: str = "") -> Case:
    def measure(size: int) -> Iterator[Measured]:
        yield from told(run(size), f"{size} {what}")

    contestants = tuple(Contestant(f"octroi, {size}", RAW, partial(measure, size)) for size in sizes)
    return Case(f"growth with {what}", contestants, note)


def _batched(engine: RunningEngine, rows: Sequence[Cells]) -> Iterator[Contestant]:
    """Yield the engine with its own stages, asked by REST."""

    def measure(size: int) -> Iterator[Measured]:
        # It may have been started a moment ago.
        by_engine.warm_up(engine, rows[: by_engine.WARMING])
        serving = by_engine.engine_serving(engine)
        yield from in_batches.decided(serving, engine, rows, size, batches_of(size))

    for size in BATCHES:
        yield Contestant(f"octroi, {size}", RAW, partial(measure, size))


def _backlog(
    engine: RunningEngine,
    rows: Sequence[Cells],
    count: int,
    partitions: int,
    *,
    processes: int = 1,
    turn: int | None = None,
) -> Chained:
    """Time a backlog in topics of its own: what other runs left would be read too."""
    settings = {} if turn is None else {"OCTROI_STREAM_BATCH_RECORDS": str(turn)}
    with laid_out(engine, partitions):
        return chain_with(engine, rows, f"bench-{uuid4()}", count, processes=processes, settings=settings)
