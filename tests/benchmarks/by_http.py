"""One champion behind the engine and behind other servers, asked by the same load generator."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from services.scorecard.table import Cells
from tests.benchmarks import asking, by_engine, rivals
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
        Contestant("octroi", RAW, partial(by_engine.measure, engine, some, requests, requests // BATCHES)),
        Contestant(
            "octroi, at least once",
            RAW,
            partial(by_engine.measure_at_least_once, engine, some, requests, requests // BATCHES),
        ),
        Contestant(
            "octroi, gateway alone",
            RAW,
            partial(by_engine.measure_accepting, engine, some, requests // BATCHES),
        ),
        rival("mlflow models serve", RAW, lambda: rivals.mlflow(engine, some)),
        rival("mlflow models serve, 2 workers", RAW, lambda: rivals.mlflow(engine, some, workers=2)),
        rival(
            "MLServer, XGBoost", READY, lambda: rivals.mlserver_xgboost(champion, features), MLSERVER.lacks
        ),
        rival("MLServer, MLflow", READY, lambda: rivals.mlserver_mlflow(champion, features), MLSERVER.lacks),
        rival("FastAPI, XGBoost", READY, lambda: rivals.fastapi(champion, features), FASTAPI.lacks),
        rival("FastAPI, our features", RAW, lambda: rivals.fastapi_raw(champion, some), FASTAPI.lacks),
    )


def _measure(rival: rivals.Rival, requests: int) -> Iterator[Measured]:
    single, batches = rival.traffic
    with rival.serve() as serving:
        yield from asking.singles(serving, single, requests)
        yield from asking.batches(serving, batches, requests // BATCHES)
