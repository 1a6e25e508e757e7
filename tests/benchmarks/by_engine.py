"""The engine's REST interface: decisions awaited one by one, and batches until they are in PostgreSQL."""

from collections.abc import Iterator, Sequence

from services.scorecard.table import Cells
from tests.benchmarks import asking, bodies, in_batches
from tests.benchmarks.chain import BESIDE, wait_until_decided
from tests.benchmarks.contest import Measured
from tests.benchmarks.rivals import BATCH
from tests.benchmarks.servers import Serving
from tests.benchmarks.settled import Settled
from tests.benchmarks.stages import AT_LEAST_ONCE, BEHIND_GATEWAY, STAGES, own_stages, stopped, without
from tests.benchmarks.traffic import Traffic, send_all_good
from tests.engine import SERVICES, RunningEngine

NOTE = (
    f"octroi's processor and memory are those of {', '.join(SERVICES)} together, until each is done; what "
    "broker and PostgreSQL take stands apart"
)
"""Said below the table."""
WARMING = 20
AWAITED = {"Prefer": "wait=20"}


def measure(engine: RunningEngine, rows: Sequence[Cells], requests: int, batches: int) -> Iterator[Measured]:
    """Ask the engine as its rivals are asked."""
    yield from _asked(engine_serving(engine), engine, rows, requests, batches)


def measure_at_least_once(
    engine: RunningEngine, rows: Sequence[Cells], requests: int, batches: int
) -> Iterator[Measured]:
    """Do the same with stages that write without transactions."""
    try:
        with stopped(engine), own_stages(engine, 1, AT_LEAST_ONCE) as stages:
            pids = engine.pids()
            beside = tuple(pids[name] for name in BESIDE)
            own = tuple(pids[name] for name in SERVICES if name not in STAGES)
            serving = Serving(engine.gateway, (*own, *stages), beside)
            # Their start is none of what is measured, nor is that of the engine's own after it.
            warm_up(engine, rows)
            yield from _asked(serving, engine, rows, requests, batches)
    finally:
        warm_up(engine, rows)


def warm_up(engine: RunningEngine, rows: Sequence[Cells]) -> None:
    """Wait for some decisions, one by one."""
    send_all_good(engine.gateway, awaited(engine, rows), connections=1, requests=WARMING)


def _asked(
    serving: Serving, engine: RunningEngine, rows: Sequence[Cells], requests: int, batches: int
) -> Iterator[Measured]:
    settled = Settled(engine)
    yield from asking.singles(serving, awaited(engine, rows), requests, settled.wait_for)
    yield from in_batches.decided(serving, engine, rows, BATCH, batches)


def engine_serving(engine: RunningEngine) -> Serving:
    """Return the engine as a server: its services, and what they stand on."""
    pids = engine.pids()
    return Serving(
        engine.gateway, tuple(pids[name] for name in SERVICES), tuple(pids[name] for name in BESIDE)
    )


def awaited(engine: RunningEngine, rows: Sequence[Cells]) -> Traffic:
    """Return applications whose decisions are waited for."""
    headers = {"X-API-Key": engine.api_key, **AWAITED}
    return Traffic("/v1/applications", [bodies.bare({"application": row}) for row in rows], headers=headers)


def measure_accepting(engine: RunningEngine, rows: Sequence[Cells], requests: int) -> Iterator[Measured]:
    """Hand in batches while nobody decides, as where each service has a machine of its own.

    What was accepted is decided afterwards, all of it.
    """
    with without(engine, BEHIND_GATEWAY):
        handed_in = in_batches.hand_in(engine.gateway, engine, rows, BATCH, requests)
    wait_until_decided(engine, handed_in.run, handed_in.count)
    yield from asking.times(handed_in.told, BATCH, f"batches of {BATCH}, accepted")
