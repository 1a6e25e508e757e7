"""One champion behind the engine and behind other servers, asked by the same load generator."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from services.scorecard.table import Cells
from tests.benchmarks import asking, by_engine, mlserver, rivals
from tests.benchmarks.agreement import demand_agreement
from tests.benchmarks.champion import Champion
from tests.benchmarks.contest import NOTHING, RAW, READY, Contestant, Measured
from tests.benchmarks.environments import FASTAPI, MLSERVER
from tests.engine import RunningEngine

BODIES = 500
"""Different applications; they come again when all have been sent."""
BATCHES = 20
"""For so many requests one batch."""


def contestants(
    engine: RunningEngine, champion: Champion, rows: Sequence[Cells], requests: int
) -> tuple[Contestant, ...]:
    """Return the engine, what stands beside it, and the generator against a server that does nothing.

    `requests` are sent at each number of connections.
    """
    some = rows[:BODIES]
    features = champion.features(some)

    def rival(name: str, given: str, start: Callable[[], rivals.Rival], lacks: str = "") -> Contestant:
        return Contestant(name, given, lambda: _measure(start(), requests), lacks)

    return (
        rival("load generator", NOTHING, lambda: rivals.nothing(some)),
        *_ours(engine, some, requests),
        rival("mlflow models serve", RAW, lambda: rivals.mlflow(engine, champion, some)),
        rival(
            "mlflow models serve, 2 workers", RAW, lambda: rivals.mlflow(engine, champion, some, workers=2)
        ),
        rival("MLServer, XGBoost", READY, lambda: mlserver.by_xgboost(champion, features), MLSERVER.lacks),
        rival("MLServer, MLflow", READY, lambda: mlserver.by_mlflow(champion, features), MLSERVER.lacks),
        rival(
            "MLServer, MLflow, raw",
            RAW,
            lambda: mlserver.by_mlflow_raw(engine, champion, some),
            MLSERVER.lacks,
        ),
        rival("FastAPI, XGBoost", READY, lambda: rivals.fastapi(champion, features), FASTAPI.lacks),
        rival("FastAPI, our features", RAW, lambda: rivals.fastapi_raw(champion, some), FASTAPI.lacks),
    )


def _ours(engine: RunningEngine, rows: Sequence[Cells], requests: int) -> tuple[Contestant, ...]:
    batches = requests // BATCHES
    return (
        Contestant("octroi", RAW, partial(by_engine.measure, engine, rows, requests, batches)),
        Contestant(
            "octroi, at least once",
            RAW,
            partial(by_engine.measure_at_least_once, engine, rows, requests, batches),
        ),
        Contestant("octroi, gateway alone", RAW, partial(by_engine.measure_accepting, engine, rows, batches)),
    )


def _measure(rival: rivals.Rival, requests: int) -> Iterator[Measured]:
    single, batches = rival.traffic
    with rival.serve() as serving:
        if rival.decisions:
            demand_agreement(serving.address, batches, rival.decisions)
        yield from asking.singles(serving, single, requests)
        yield from asking.batches(serving, batches, requests // BATCHES)
