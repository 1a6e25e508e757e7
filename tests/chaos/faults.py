"""What can go wrong. Each fault is over when its function returns, and tells when recovery began to count."""

import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from time import monotonic, sleep

from infra.local.ports import http_status
from tests.engine import RunningEngine, free_port
from tests.parts import until

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


def faults_of_programs() -> tuple[Fault, ...]:
    """Return what can happen to the programs themselves."""
    return (
        *(
            Fault(f"kill -9 {name}", partial(kill, name), weight, name if name in BESIDE else None)
            for name, weight in KILLS.items()
        ),
        *(Fault(f"pause {name}, 1 to 5 s", partial(pause, name), 1.5) for name in ("kafka", "postgres")),
        *(Fault(f"pause {name}, 1 to 5 s", partial(pause, name), 1.5) for name in STAGES),
        *(Fault(f"{name} wakes up replaced", partial(zombie, name), 1) for name in ("feature", "scoring")),
        *(Fault(f"{name} 1-4-1 instances", partial(storm, name), 0.5) for name in STAGES),
        Fault("rolling restart of all", rolling_restart, 1),
        Fault("PostgreSQL away for 30 s", partial(away, "postgres", 30.0), 1),
        Fault("MLflow away, scoring killed", registry_away, 1),
        Fault("MLflow away for 30 s, monitoring killed", unwatched, 1),
    )


BESIDE = ("gateway", "monitoring", "kafka-controller")
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


def kill(program: str, engine: RunningEngine, _: random.Random) -> float:
    """End a program as a crash does; the supervisor starts it again."""
    return engine.kill(program)


def pause(program: str, engine: RunningEngine, chance: random.Random) -> float:
    """Stop a program's clock, as a frozen machine or a cut network does."""
    with paused(engine.pid(program)):
        sleep(chance.uniform(1, 5))
    return monotonic()


def zombie(program: str, engine: RunningEngine, _: random.Random) -> float:
    """Let a stage sleep until another has taken its place, and wake it up in the middle of its work."""
    with spare(engine, program, "spare"), paused(engine.pid(program)):
        sleep(LONGER_THAN_A_SESSION)
    return monotonic()


def storm(program: str, engine: RunningEngine, _: random.Random) -> float:
    """Scale a stage from one instance to four, and back at once."""
    with ExitStack() as instances:
        for number in range(3):
            instances.enter_context(spare(engine, program, f"spare-{number}"))
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


def ready(engine: RunningEngine, name: str) -> None:
    """Return when a program says that it is ready."""
    parts = (*engine.engine.services(engine.bootstrap), *engine.engine.broker().parts())
    known = {program.name: part for part in parts if (program := part.program())}
    until(known[name].is_ready, f"{name} to be ready")


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Stop a process for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def spare(engine: RunningEngine, program: str, instance: str) -> Iterator[None]:
    """Run one more instance of a stage for the length of the block, ready from its beginning."""
    port = free_port()
    process = subprocess.Popen(
        engine.command(f"services.{program}"),
        env={
            **os.environ,
            **engine.environment,
            "OCTROI_INSTANCE": instance,
            "OCTROI_PROBE_PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: http_status(port, "/health/ready") == HTTPStatus.OK, f"{instance} of {program}")
        yield
    finally:
        process.terminate()
        process.wait(60)
