"""The search on a Dask cluster: the same result as on this machine's cores."""

from collections.abc import Iterator

import dask
import numpy as np
import pytest
from distributed import LocalCluster

from services.scorecard.bundle import Costs
from services.scorecard.standard import standard_catalogue
from services.training.arms import Arm
from services.training.compare import backend
from services.training.errors import TrainingError
from services.training.estimators import estimator, grid
from services.training.fit_trees import Fitting
from services.training.search import ArmResult, search

CATALOGUE = standard_catalogue()
DEFINITIONS = CATALOGUE.definitions[:30]
RANDOM = np.random.default_rng(5)
MATRIX = RANDOM.random((600, len(DEFINITIONS)), dtype=np.float32)
DEFAULTED = RANDOM.random(600) < np.where(MATRIX[:, 1] < 0.3, 0.5, 0.1)


@pytest.fixture
def scheduler() -> Iterator[str]:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        yield str(cluster.scheduler_address)


def searched(workers: int) -> ArmResult:
    arm = Arm("logistic regression")
    pipeline = estimator(arm, DEFINITIONS, Fitting(trees=20, rate=0.75, seed=7, features=80, ridge=2000))
    return search(
        arm,
        pipeline,
        grid(arm, quick=False),
        MATRIX,
        DEFAULTED,
        folds=3,
        seed=7,
        costs=Costs(),
        workers=workers,
    )


def test_a_cluster_finds_what_this_machine_finds(scheduler: str) -> None:
    here = searched(workers=1)
    with backend(scheduler):
        there = searched(workers=-1)
    assert [point.auc for point in there.points] == [point.auc for point in here.points]


def test_a_cluster_that_does_not_answer_is_named() -> None:
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(TrainingError, match=r"^--scheduler tcp://127\.0\.0\.1:9: is not a Dask cluster"),
        backend("tcp://127.0.0.1:9"),
    ):
        searched(workers=-1)
