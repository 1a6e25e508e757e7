"""Batches handed in over the engine's REST interface, until they are rows in PostgreSQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from services.replay.sending import cycled
from services.scorecard.table import Cells
from tests.benchmarks import asking, bodies
from tests.benchmarks.chain import wait_until_decided
from tests.benchmarks.contest import Measured
from tests.benchmarks.job import Told
from tests.benchmarks.servers import Serving
from tests.benchmarks.settled import Settled
from tests.benchmarks.traffic import Traffic, send
from tests.benchmarks.usage import forget_peaks, usage
from tests.engine import RunningEngine


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Applications that were accepted in batches."""

    run: str
    """Their ids begin with it."""
    count: int
    told: Told

    @property
    def last(self) -> str:
        """The id of the last one."""
        return f"{self.run}.{self.count - 1}"


def decided(
    serving: Serving, engine: RunningEngine, rows: Sequence[Cells], size: int, requests: int
) -> Iterator[Measured]:
    """Hand in so many batches of so many rows, and wait until the last row is decided."""
    settled = Settled(engine)
    forget_peaks(serving.pids)
    before = usage(serving.pids)
    handed_in = hand_in(serving.address, engine, rows, size, requests)
    answered = monotonic()
    done = wait_until_decided(engine, handed_in.run, handed_in.count, handed_in.last)
    seconds = handed_in.told.seconds + done - answered
    # Monitoring, whose processor time counts, is behind the ledger.
    settled.wait_for(handed_in.count)
    after = usage(serving.pids)
    under = f"batches of {size}"
    yield from asking.times(handed_in.told, size, f"{under}, accepted")
    under = f"{under}, decided and recorded"
    yield Measured("rate", "rows/s", handed_in.count / seconds, under)
    spent = after.processor - before.processor
    yield Measured("processor", "ms/row", 1000 * spent / handed_in.count, under)
    yield Measured("memory, peak", "MB", after.memory, under)


def hand_in(address: str, engine: RunningEngine, rows: Sequence[Cells], size: int, requests: int) -> HandedIn:
    """Hand in batches, which are answered once Kafka has them. Raises AssertionError for another answer."""
    run, count = f"bench-{uuid4()}", size * requests
    traffic = Traffic(
        "/v1/applications:batch", parts(rows, run, size, count), size, {"X-API-Key": engine.api_key}
    )
    told = send(address, traffic, connections=asking.BATCH_CONNECTIONS, requests=requests, warm_up=0)
    assert told.statuses == {"200": requests}, told.statuses
    return HandedIn(run, count, told)


def parts(rows: Sequence[Cells], run: str, size: int, count: int) -> list[bytes]:
    """Return `count` applications of `run`, whose rows come again where they are fewer, as batches."""
    lines = [
        {"application_id": f"{run}.{number}", "application": row}
        for number, row in enumerate(cycled(list(rows), count))
    ]
    return [bodies.bare(lines[start : start + size]) for start in range(0, count, size)]
