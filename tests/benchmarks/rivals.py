"""Servers beside the engine: how each is started with the champion, and how it is asked."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from services.scorecard.catalogue import Matrix
from services.scorecard.table import Cells
from tests.benchmarks import bodies
from tests.benchmarks.champion import Champion
from tests.benchmarks.environments import FASTAPI, MLSERVER
from tests.benchmarks.servers import Serving, served
from tests.benchmarks.traffic import Traffic
from tests.engine import RunningEngine, free_port

BATCH = 100
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""More make a prediction of few rows slower."""
INFER = "/v2/models/champion/infer"
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


def mlflow(engine: RunningEngine, rows: Sequence[Cells], workers: int = 1) -> Rival:
    """Return MLflow's server in the engine's environment, which the registered model asks for."""
    model = f"models:/{engine.engine.settings.model_name}@champion"
    command = (sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**engine.environment, "PATH": path}
    return Rival(
        (*command, "--workers", str(workers), "--port", "{port}"),
        environment,
        "/ping",
        both("/invocations", bodies.frame, rows),
    )


def mlserver(champion: Champion, features: Matrix, runtime: str, file: Path) -> Rival:
    """Return MLServer with one of its runtimes, in one process, which is best for a small model."""
    folder = champion.folder.parent / runtime.rpartition(".")[2]
    folder.mkdir(exist_ok=True)
    told = {"name": "champion", "implementation": runtime, "parameters": {"uri": str(file), "version": "1"}}
    (folder / "model-settings.json").write_text(json.dumps(told), encoding="utf-8")
    ports = {f"MLSERVER_{kind}_PORT": str(free_port()) for kind in ("GRPC", "METRICS")}
    environment = {
        **ports,
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": "{port}",
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_DEBUG": "false",
        **ONE_THREAD,
    }
    command = (MLSERVER.program("mlserver"), "start", str(folder))
    return Rival(command, environment, "/v2/models/champion/ready", both(INFER, bodies.tensor, features))


def mlserver_xgboost(champion: Champion, features: Matrix) -> Rival:
    """Return MLServer with XGBoost's file."""
    return mlserver(champion, features, "mlserver_xgboost.XGBoostModel", champion.booster)


def mlserver_mlflow(champion: Champion, features: Matrix) -> Rival:
    """Return MLServer with the same in MLflow's flavour."""
    return mlserver(champion, features, "mlserver_mlflow.MLflowRuntime", champion.flavour)


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
