"""Servers beside the engine: how each is started with the champion, and how it is asked."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from services.scorecard.catalogue import Matrix
from services.scorecard.table import Cells
from tests.benchmarks import agreement, bodies
from tests.benchmarks.agreement import Decided
from tests.benchmarks.champion import Champion
from tests.benchmarks.environments import FASTAPI
from tests.benchmarks.servers import Serving, served
from tests.benchmarks.traffic import Traffic
from tests.engine import RunningEngine, free_port

BATCH = 100
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""More make a prediction of few rows slower."""
INVOCATIONS = "/invocations"
R = TypeVar("R", Sequence[Cells], Matrix)


@dataclass(frozen=True, slots=True)
class Rival:
    """A server that is not ours."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str
    """Path that is 200 once it can be asked."""
    traffic: tuple[Traffic, Traffic]
    """One application a request, and many."""
    decisions: Sequence[Decided] = ()
    """What the first of the latter must be answered, where the registered model is served."""
    port: int = field(default_factory=free_port)

    def serve(self) -> AbstractContextManager[Serving]:
        """Start it."""
        command = tuple(part.format(port=self.port) for part in self.command)
        environment = {name: value.format(port=self.port) for name, value in self.environment.items()}
        return served(command, self.port, self.ready, environment)


def nothing(rows: Sequence[Cells]) -> Rival:
    """Return a server that answers without reading."""
    command = (sys.executable, "-m", "tests.benchmarks.trivial", "{port}")
    return Rival(command, {}, "/", both("/", bodies.bare, rows))


def mlflow(engine: RunningEngine, champion: Champion, rows: Sequence[Cells], workers: int = 1) -> Rival:
    """Return MLflow's server in the engine's environment, which the registered model asks for."""
    command = (sys.executable, "-m", "mlflow", "models", "serve", "-m", registered(engine))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**engine.environment, "PATH": path}
    return Rival(
        (*command, "--env-manager", "local", "--workers", str(workers), "--port", "{port}"),
        environment,
        "/ping",
        both(INVOCATIONS, bodies.frame, rows),
        decisions_of(champion, rows),
    )


def registered(engine: RunningEngine) -> str:
    """Return how MLflow names the registered model's champion."""
    return f"models:/{engine.engine.settings.model_name}@champion"


def decisions_of(champion: Champion, rows: Sequence[Cells]) -> list[Decided]:
    """Return what the first batch must be answered."""
    return agreement.decided(champion.bundle, rows[:BATCH])


def fastapi(champion: Champion, features: Matrix) -> Rival:
    """Return FastAPI with the booster."""
    return _uvicorn(champion, "plain", both("/predict", bodies.numbers, features))


def fastapi_raw(champion: Champion, rows: Sequence[Cells]) -> Rival:
    """Return FastAPI with our features and the booster."""
    return _uvicorn(champion, "raw", both("/predict", bodies.bare, rows))


def both(path: str, body: Callable[[R], bytes], rows: R) -> tuple[Traffic, Traffic]:
    """Return the rows one by one, and in batches."""
    single = Traffic(path, [body(rows[n : n + 1]) for n in range(len(rows))])
    batches = [body(rows[n : n + BATCH]) for n in range(0, len(rows) - BATCH + 1, BATCH)]
    return single, Traffic(path, batches, BATCH)


def _uvicorn(champion: Champion, module: str, traffic: tuple[Traffic, Traffic]) -> Rival:
    application = f"tests.benchmarks.contestants.{module}:application"
    command = (FASTAPI.program("python"), "-m", "uvicorn", "--factory", application, "--no-access-log")
    environment = {"BOOSTER": str(champion.booster), "BUNDLE": str(champion.folder)}
    return Rival((*command, "--port", "{port}"), environment, "/ready", traffic)
