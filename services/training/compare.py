"""Compares the arms on the same folds, and goes on from where an earlier campaign was stopped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from json import dumps
from math import ceil
from typing import Final

import joblib
import numpy as np

from services.scorecard.bundle import Costs
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.performance import Defaulted
from services.training.arms import Arm, all_arms
from services.training.comparison import estimate
from services.training.errors import TrainingError
from services.training.estimators import estimator, grid
from services.training.fit_trees import Fitting
from services.training.progress import Say, progress_of
from services.training.search import ArmResult, search
from services.training.tracking import finished_arm, record_arm
from services.training.versions import code_digest

_RESAMPLED: Final = 6
"""Rows of the rarer kind that SMOTE needs in what it is fitted on: each one's five neighbours, and itself."""
_LIBRARIES: Final = ("imbalanced-learn", "scikit-learn", "xgboost-cpu")


@dataclass(frozen=True, slots=True)
class Comparing:
    """What a comparison is made with; all but the last two change its result."""

    quick: bool
    rows: int
    """At most so many are compared on; a larger table is sampled."""
    fitting: Fitting
    """Of boosted trees and of the scorecards; `trees` is a number here, not a limit."""
    folds: int
    costs: Costs
    workers: int
    """Fits side by side; -1 for all that the backend has."""
    scheduler: str | None
    """Address of a Dask cluster, None for this machine's cores."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Rows that the arms are compared on."""

    matrix: Matrix
    defaulted: Defaulted
    definitions: Sequence[FeatureDefinition]

    def fingerprint(self) -> str:
        """Return a hash of all that an arm sees: other rows, labels or features give another one."""
        digest = sha256(repr(self.definitions).encode())
        digest.update(self.matrix.tobytes())
        digest.update(self.defaulted.tobytes())
        return digest.hexdigest()


def compare(data: Compared, how: Comparing, say: Say) -> tuple[ArmResult, ...]:
    """Search every arm, or take what an earlier campaign on the same data found; log each when it is done.

    Raises TrainingError when the Dask cluster cannot be reached, or too few rows are of the rarer kind.
    """
    sampled = drawn(data, how)
    fingerprint = sampled.fingerprint()
    arms, results = all_arms(), list[ArmResult]()
    with backend(how.scheduler), progress_of(arms, say) as (steps, tell):
        for arm in steps:
            key = arm_key(arm, fingerprint, how)
            result = finished_arm(key)
            told = "found from an earlier run" if result else ""
            if result is None:
                result = _search(arm, sampled, how)
                record_arm(result, key)
                told = f"{result.seconds:.0f} s"
            results.append(result)
            told = f"{arm.name}: AUC {estimate(result.best.auc)}, {told}; best so far {_best(results)}"
            tell(f"{len(results)} of {len(arms)}, {told}")
    return tuple(results)


def arm_key(arm: Arm, fingerprint: str, how: Comparing) -> str:
    """Return a hash of all that an arm's result depends on."""
    depends = {
        "arm": arm.name,
        "data": fingerprint,
        "grid": grid(arm, quick=how.quick),
        "rows": how.rows,
        "fitting": asdict(how.fitting),
        "folds": how.folds,
        "code": code_digest(),
        "costs": how.costs.model_dump(),
        "libraries": {name: version(name) for name in ("octroi", *_LIBRARIES)},
    }
    return sha256(dumps(depends, sort_keys=True, default=list).encode()).hexdigest()


def drawn(data: Compared, how: Comparing) -> Compared:
    """Return the rows to compare on, with the table's share of defaulters.

    Raises TrainingError when they have too few of a kind for every arm to be fitted and judged on every fold.
    """
    sampled = _sample(data, how)
    fewest = min(int(sampled.defaulted.sum()), int((~sampled.defaulted).sum()))
    least = next(number for number in count(how.folds) if number - ceil(number / how.folds) >= _RESAMPLED)
    if fewest < least:
        raise TrainingError(
            f"--compared-rows {how.rows}: {fewest} of the rows that are compared are of the rarer kind of "
            f"TARGET, and {least} are needed on {how.folds} folds; compare more rows, or --comparison none"
        )
    return sampled


def _sample(data: Compared, how: Comparing) -> Compared:
    rows = len(data.defaulted)
    if rows <= how.rows:
        return data
    random = np.random.default_rng(how.fitting.seed)
    kinds = [random.permutation(np.flatnonzero(kind)) for kind in (data.defaulted, ~data.defaulted)]
    chosen = np.sort(np.concatenate([kind[: round(how.rows * len(kind) / rows)] for kind in kinds]))
    return Compared(data.matrix[chosen], data.defaulted[chosen], data.definitions)


def _search(arm: Arm, data: Compared, how: Comparing) -> ArmResult:
    pipeline = estimator(arm, data.definitions, how.fitting)
    return search(
        arm,
        pipeline,
        grid(arm, quick=how.quick),
        data.matrix,
        data.defaulted,
        folds=how.folds,
        seed=how.fitting.seed,
        costs=how.costs,
        workers=how.workers,
    )


def _best(results: Sequence[ArmResult]) -> str:
    best = max(results, key=lambda result: float(np.mean(result.best.auc)))
    return f"{estimate(best.best.auc).mean:.4f} by {best.arm.name}"


@contextmanager
def backend(scheduler: str | None) -> Iterator[None]:
    """Let searches within run on the Dask cluster at an address; without one they run on this machine.

    Raises TrainingError when there is no such cluster.
    """
    if scheduler is None:
        yield
        return
    try:
        client = joblib.parallel_config(backend="dask", scheduler_host=scheduler)
    except (ImportError, OSError, ValueError) as error:
        raise TrainingError(
            f"--scheduler {scheduler}: is not a Dask cluster that answers ({error}); install the extra dask "
            "(pip install 'octroi[dask]'), and start the scheduler"
        ) from error
    with client:
        yield
