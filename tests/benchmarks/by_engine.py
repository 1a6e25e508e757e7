"""The engine's REST interface: decisions awaited one by one, and batches until they are in PostgreSQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from services.replay.sending import cycled
from services.scorecard.table import Cells
from tests.benchmarks import asking, bodies
from tests.benchmarks.chain import BESIDE, Recorded, wait_until_decided
from tests.benchmarks.contest import Measured
from tests.benchmarks.job import Told
from tests.benchmarks.rivals import BATCH
from tests.benchmarks.servers import Serving
from tests.benchmarks.stages import AT_LEAST_ONCE, BEHIND_GATEWAY, own_stages, stopped, without
from tests.benchmarks.traffic import Traffic, send, send_all_good
from tests.benchmarks.usage import usage
from tests.engine import RunningEngine

SERVICES = ("gateway", "feature", "scoring", "ledger")
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
            serving = Serving(engine.gateway, (pids["gateway"], *stages), beside)
            # Their start is none of what is measured, nor is that of the engine's own after it.
            _wait_for_decisions(engine, rows)
            yield from _asked(serving, engine, rows, requests, batches)
    finally:
        _wait_for_decisions(engine, rows)


def _wait_for_decisions(engine: RunningEngine, rows: Sequence[Cells]) -> None:
    send_all_good(engine.gateway, awaited(engine, rows), connections=1, requests=WARMING)


def _asked(
    serving: Serving, engine: RunningEngine, rows: Sequence[Cells], requests: int, batches: int
) -> Iterator[Measured]:
    recorded = Recorded(engine)
    yield from asking.singles(serving, awaited(engine, rows), requests, recorded.wait_for)
    yield from _batches(serving, engine, rows, batches)


def engine_serving(engine: RunningEngine) -> Serving:
    """Return the engine as a server: what decides, and what that stands on."""
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
        handed_in = _hand_in(engine_serving(engine), engine, rows, requests)
    wait_until_decided(engine, handed_in.run, handed_in.count)
    yield from asking.times(handed_in.told, BATCH, f"batches of {BATCH}, accepted")


def _batches(
    serving: Serving, engine: RunningEngine, rows: Sequence[Cells], requests: int
) -> Iterator[Measured]:
    """Hand in batches, and wait until the last row is decided."""
    before = usage(serving.pids)
    handed_in = _hand_in(serving, engine, rows, requests)
    answered = monotonic()
    decided = wait_until_decided(engine, handed_in.run, handed_in.count, handed_in.last)
    seconds = handed_in.told.seconds + decided - answered
    spent = usage(serving.pids).processor - before.processor
    under = f"batches of {BATCH}"
    yield from asking.times(handed_in.told, BATCH, f"{under}, accepted")
    yield Measured("rate", "rows/s", handed_in.count / seconds, f"{under}, decided and recorded")
    yield Measured("processor", "ms/row", 1000 * spent / handed_in.count, f"{under}, decided and recorded")


@dataclass(frozen=True, slots=True)
class _HandedIn:
    """Applications that were accepted in batches."""

    run: str
    """Their ids begin with it."""
    count: int
    told: Told

    @property
    def last(self) -> str:
        """The id of the last one."""
        return f"{self.run}.{self.count - 1}"


def _hand_in(serving: Serving, engine: RunningEngine, rows: Sequence[Cells], requests: int) -> _HandedIn:
    """Hand in batches, which are answered once Kafka has them."""
    run, count = f"bench-{uuid4()}", BATCH * requests
    lines = [
        {"application_id": f"{run}.{number}", "application": row}
        for number, row in enumerate(cycled(list(rows), count))
    ]
    parts = [bodies.bare(lines[start : start + BATCH]) for start in range(0, count, BATCH)]
    traffic = Traffic("/v1/applications:batch", parts, BATCH, {"X-API-Key": engine.api_key})
    told = send(serving.address, traffic, connections=asking.BATCH_CONNECTIONS, requests=requests, warm_up=0)
    assert told.statuses == {"200": requests}, told.statuses
    return _HandedIn(run, count, told)
