"""What can go wrong. Each fault is over when its function returns, and tells when recovery began to count."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep

from tests.chaos.programs import paused, ready, spare
from tests.engine import RunningEngine

STAGES = ("feature", "scoring", "ledger")
SERVICES = ("gateway", *STAGES, "monitoring")
LONGER_THAN_A_SESSION = 13.0
"""Seconds. After ten the group takes a silent member's partitions."""
UNWATCHED_SECONDS = 30.0
"""Without the registry, and so without a champion to watch."""
Inject = Callable[[RunningEngine, random.Random], float]
"""Breaks something, and returns the moment (monotonic clock) from which recovery is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to break, and how often in a campaign of a hundred faults."""

    name: str
    inject: Inject
    weight: float
    program: str | None = None
    """Who must be ready before all is well again, where applications by topic are decided without it."""
    needed: str | None = None
    """Who must answer before others can be back: recovery is counted from that moment on, too."""


def faults_of_programs() -> tuple[Fault, ...]:
    """Return what can happen to the programs themselves."""
    return (
        *(
            Fault(f"kill -9 {name}", partial(kill, name), weight, _awaited(name), _needed(name))
            for name, weight in KILLS.items()
        ),
        *(
            Fault(f"pause {name}, 1 to 5 s", partial(pause, name), 1.5, _awaited(name))
            for name in (*SERVICES, "kafka", "postgres", "mlflow")
        ),
        *(
            Fault(f"{name} wakes up replaced", partial(zombie, name), 1, _awaited(name))
            for name in (*STAGES, "monitoring")
        ),
        *(Fault(f"{name} 1-4-1 instances", partial(storm, name), 0.5) for name in STAGES),
        Fault("rolling restart of all", rolling_restart, 1),
        Fault("PostgreSQL away for 30 s", partial(away, "postgres", 30.0), 1),
        Fault("MLflow away, scoring killed", registry_away, 1),
        Fault("MLflow away for 30 s, monitoring killed", unwatched, 1, "monitoring", "mlflow"),
    )


BESIDE = ("gateway", "monitoring", "kafka-controller", "mlflow")
"""What an application by topic has no need of."""
KILLS = {
    "feature": 16,
    "scoring": 18,
    "ledger": 14,
    "gateway": 8,
    "monitoring": 4,
    "kafka": 12,
    "kafka-controller": 4,
    "postgres": 6,
}


def _awaited(program: str) -> str | None:
    return program if program in BESIDE else None


def _needed(program: str) -> str | None:
    return program if program == "kafka" else None


def kill(program: str, engine: RunningEngine, _: random.Random) -> float:
    """End a program as a crash does; the supervisor starts it again."""
    return engine.kill(program)


def pause(program: str, engine: RunningEngine, chance: random.Random) -> float:
    """Stop a program's clock, as a frozen machine does: its connections stay, and say nothing."""
    with paused(engine.pid(program)):
        sleep(chance.uniform(1, 5))
    return monotonic()


def zombie(program: str, engine: RunningEngine, _: random.Random) -> float:
    """Let a stage sleep until another has taken its place, and wake it up in the middle of its work."""
    with spare(engine, program, "spare"), paused(engine.pid(program)):
        sleep(LONGER_THAN_A_SESSION)
    return monotonic()


def storm(program: str, engine: RunningEngine, _: random.Random) -> float:
    """Scale a stage from one instance to four, and back at once, and all of that once more."""
    for turn in range(2):
        with ExitStack() as instances:
            for number in range(3):
                # One that came back under its name would take up its partitions, and move nobody else's.
                instances.enter_context(spare(engine, program, f"spare-{turn}-{number}"))
    return monotonic()


def rolling_restart(engine: RunningEngine, _: random.Random) -> float:
    """Stop and start each service in order, one after the other."""
    for name in SERVICES:
        engine.engine.supervisor.stop(name)
        engine.engine.supervisor.begin(name)
        ready(engine, name)
    return monotonic()


def away(program: str, seconds: float, engine: RunningEngine, _: random.Random) -> float:
    """Take a program away for so long."""
    engine.engine.supervisor.stop(program)
    sleep(seconds)
    engine.engine.supervisor.begin(program)
    return monotonic()


def registry_away(engine: RunningEngine, chance: random.Random) -> float:
    """Take MLflow away, and kill scoring, which must go on with its copy of the model."""
    engine.engine.supervisor.stop("mlflow")
    begun = kill("scoring", engine, chance)
    ready(engine, "scoring")
    engine.engine.supervisor.begin("mlflow")
    return begun


def unwatched(engine: RunningEngine, chance: random.Random) -> float:
    """Take MLflow away, and kill monitoring, which holds what it reads until there is a model to watch."""
    engine.engine.supervisor.stop("mlflow")
    kill("monitoring", engine, chance)
    sleep(UNWATCHED_SECONDS)
    engine.engine.supervisor.begin("mlflow")
    return monotonic()
