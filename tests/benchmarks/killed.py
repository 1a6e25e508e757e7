"""A stage that is killed as it decides: how long until the next decision."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, sleep

import httpx

from services.scorecard.table import Cells
from tests.benchmarks import by_engine
from tests.benchmarks.contest import RAW, Case, Contestant, Measured
from tests.benchmarks.traffic import JSON_TYPE, Traffic, send
from tests.engine import RunningEngine
from tests.parts import until

STAGE = "scoring"
KILLS = 5
RATE = 50.0
"""Applications a second meanwhile: who is killed at work leaves a transaction behind."""
SECONDS = 6
"""Of them around each kill."""
BEFORE = 2.0
"""Seconds of them until it."""
CONNECTIONS = 1_000
"""For those that wait, however long it takes."""
PAUSE = 0.02
BODIES = 500
WITHIN = 60.0
"""Seconds; whoever is not back by then has not come back."""
NOTE = f"each of the {KILLS} kills of a run counts as one, while applications come in; the target is 2 s"


def case(engine: RunningEngine, rows: Sequence[Cells]) -> Case:
    """Return the case, whose only contestant is killed several times in a run."""
    killed = Contestant(f"octroi, {STAGE}", RAW, partial(_measure, engine, rows[:BODIES]))
    return Case("a killed stage", (killed,), NOTE)


def _measure(engine: RunningEngine, rows: Sequence[Cells]) -> Iterator[Measured]:
    traffic = by_engine.awaited(engine, rows)
    for _ in range(KILLS):
        # What ends in its first second has failed to start, to the supervisor, which then waits longer.
        until(lambda: _runs(engine), f"{STAGE} to run")
        yield from _killed(engine, traffic)


def _runs(engine: RunningEngine) -> bool:
    states = {process.name: process.state for process in engine.engine.supervisor.processes()}
    return states[STAGE] == "RUNNING"


def _killed(engine: RunningEngine, traffic: Traffic) -> Iterator[Measured]:
    """Kill it once, while applications come in."""
    count = int(RATE * SECONDS)
    with ThreadPoolExecutor(1) as beside:
        sent = beside.submit(
            send, engine.gateway, traffic, connections=CONNECTIONS, requests=count, rate=RATE, warm_up=0
        )
        sleep(BEFORE)
        killed = engine.kill(STAGE)
        back_after = decided_at(engine.gateway, traffic) - killed
        told = sent.result()
    yield Measured("kill to next decision", "s", back_after)
    yield Measured("answers 200", "share", told.statuses.get("200", 0) / count, "all applications")


def decided_at(address: str, traffic: Traffic) -> float:
    """Return the moment (monotonic clock) at which an application that is sent now is decided.

    The gateway answers 503 where too many wait, and 202 where the decision does not come in time.
    """
    deadline = monotonic() + WITHIN
    while monotonic() < deadline:
        if _ask(address, traffic) == httpx.codes.OK:
            return monotonic()
        sleep(PAUSE)
    raise AssertionError(f"nothing is decided {WITHIN:.0f} s after {STAGE} was killed")


def _ask(address: str, traffic: Traffic) -> int:
    headers = JSON_TYPE | traffic.headers
    answer = httpx.post(address + traffic.path, content=traffic.bodies[0], headers=headers, timeout=WITHIN)
    return answer.status_code
