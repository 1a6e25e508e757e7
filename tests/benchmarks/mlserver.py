"""MLServer with the champion, by its runtimes for XGBoost and MLflow."""

import json
from collections.abc import Mapping, Sequence

from infra.local.settings import REPOSITORY
from services.scorecard.catalogue import Matrix
from services.scorecard.table import Cells
from tests.benchmarks import bodies
from tests.benchmarks.agreement import Decided
from tests.benchmarks.champion import Champion
from tests.benchmarks.environments import MLSERVER
from tests.benchmarks.rivals import INVOCATIONS, ONE_THREAD, Rival, both, decisions_of, registered
from tests.benchmarks.traffic import Traffic
from tests.engine import RunningEngine, free_port

INFER = "/v2/models/champion/infer"
READY = "/v2/models/champion/ready"
XGBOOST = "mlserver_xgboost.XGBoostModel"
MLFLOW = "mlserver_mlflow.MLflowRuntime"


def by_xgboost(champion: Champion, features: Matrix) -> Rival:
    """Return MLServer with XGBoost's file."""
    settings = _settings(XGBOOST, str(champion.booster))
    return _mlserver(champion, settings, both(INFER, bodies.tensor, features))


def by_mlflow(champion: Champion, features: Matrix) -> Rival:
    """Return MLServer with the same in MLflow's flavour."""
    settings = _settings(MLFLOW, str(champion.flavour))
    return _mlserver(champion, settings, both(INFER, bodies.tensor, features))


def by_mlflow_raw(engine: RunningEngine, champion: Champion, rows: Sequence[Cells]) -> Rival:
    """Return MLServer with the registered model, asked as MLflow's own server is: its runtime answers both.

    The model is made of our code, which its environment does not have.
    """
    settings = _settings(MLFLOW, registered(engine))
    environment = {**engine.environment, "PYTHONPATH": str(REPOSITORY)}
    traffic = both(INVOCATIONS, bodies.frame, rows)
    return _mlserver(champion, settings, traffic, environment, decisions_of(champion, rows))


def _settings(runtime: str, uri: str) -> str:
    """Return a model's settings as MLServer reads them."""
    return json.dumps(
        {"name": "champion", "implementation": runtime, "parameters": {"uri": uri, "version": "1"}}
    )


def _mlserver(
    champion: Champion,
    settings: str,
    traffic: tuple[Traffic, Traffic],
    further: Mapping[str, str] | None = None,
    decisions: Sequence[Decided] = (),
) -> Rival:
    """Return MLServer in one process, which is best for a small model."""
    folder = champion.folder.parent / "mlserver"
    folder.mkdir(exist_ok=True)
    (folder / "model-settings.json").write_text(settings, encoding="utf-8")
    ports = {f"MLSERVER_{kind}_PORT": str(free_port()) for kind in ("GRPC", "METRICS")}
    environment = {
        **(further or {}),
        **ports,
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": "{port}",
        "MLSERVER_PARALLEL_WORKERS": "0",
        "MLSERVER_DEBUG": "false",
        **ONE_THREAD,
    }
    command = (MLSERVER.program("mlserver"), "start", str(folder))
    return Rival(command, environment, READY, traffic, decisions)
