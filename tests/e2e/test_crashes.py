"""kill -9 of any service under load: everything acknowledged is decided, once.

Monitoring and PostgreSQL are killed in test_monitoring.py, which counts what comes of it too.
"""

import subprocess
from contextlib import suppress
from functools import partial

import psycopg
import pytest

from tests.e2e.following import query, wait_for
from tests.engine import RunningEngine

pytestmark = pytest.mark.kafka

APPLICATIONS = 3000
RATE = 300


def replaying(engine: RunningEngine, count: int = APPLICATIONS) -> subprocess.Popen[str]:
    """Start a replay that outlives an absent broker."""
    return engine.start(
        "services.replay",
        "--file",
        str(engine.data / "application_test.csv"),
        "--count",
        str(count),
        "--rate",
        str(RATE),
    )


def decided(engine: RunningEngine) -> int:
    """Return how many decisions the ledger has; none while PostgreSQL is away."""
    with suppress(psycopg.OperationalError):
        return int(query(engine, "SELECT count(*) FROM application_states WHERE state = 'decided'")[0][0])
    return 0


def passed(engine: RunningEngine, count: int) -> bool:
    return decided(engine) > count


def runs_anew(engine: RunningEngine, program: str, gone: set[int]) -> bool:
    return engine.pids().get(program, 0) not in gone


@pytest.mark.parametrize("program", ["feature", "scoring", "ledger", "kafka"])
def test_a_killed_part_loses_nothing_and_doubles_nothing(engine: RunningEngine, program: str) -> None:
    before = decided(engine)
    replay = replaying(engine)
    for kill in (1, 2):
        moment = before + kill * APPLICATIONS // 4
        wait_for(partial(passed, engine, moment), seconds=180, what="decisions under load")
        gone = {0, engine.pids()[program]}
        engine.kill(program)
        wait_for(partial(runs_anew, engine, program, gone), seconds=120, what=f"{program} started again")
    output, _ = replay.communicate(timeout=240)
    assert replay.returncode == 0, output
