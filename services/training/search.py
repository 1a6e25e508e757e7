"""Searches the grid of one arm, fold by fold, by scikit-learn's GridSearchCV."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline

from services.scorecard.bundle import Costs
from services.scorecard.catalogue import Matrix
from services.scorecard.performance import Defaulted, business_score, quality
from services.training.arms import FLOOR, Arm
from services.training.estimators import Grid
from services.training.threshold import cost_curve

Folds = tuple[float, ...]
"""One figure per fold."""


@dataclass(frozen=True, slots=True)
class GridPoint:
    """What a point of the grid gave on the folds that it was not fitted on."""

    parameters: Mapping[str, object]
    auc: Folds
    business_score: Folds
    """At each fold's own best threshold: optimistic, and for all arms alike."""
    brier_score: Folds
    fit_seconds: float
    """Mean of the folds."""
    microseconds_per_row: float
    """Of predicting a fold in one call."""

    @property
    def name(self) -> str:
        """The point in words."""
        chosen = [f"{name.removeprefix('model__')} {value}" for name, value in self.parameters.items()]
        return ", ".join(chosen) or "as it is"


@dataclass(frozen=True, slots=True)
class ArmResult:
    """All that the search of an arm found, the best point by AUC first."""

    arm: Arm
    points: tuple[GridPoint, ...]
    seconds: float
    """Of the whole search."""

    @property
    def best(self) -> GridPoint:
        """The point with the highest mean AUC."""
        return self.points[0]

    def document(self) -> dict[str, Any]:
        """Return it as JSON's types."""
        return asdict(self)


def result_of(document: object) -> ArmResult:
    """Read what `document` gave, after JSON. Raises ValidationError for anything else."""
    return TypeAdapter(ArmResult).validate_python(document)


def search(
    arm: Arm,
    pipeline: Pipeline,
    grid: Grid,
    matrix: Matrix,
    defaulted: Defaulted,
    *,
    folds: int,
    seed: int,
    costs: Costs,
    workers: int,
) -> ArmResult:
    """Fit every point of the grid on every fold's others; the folds are the same for all arms of a seed."""
    begun = perf_counter()
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    found = GridSearchCV(
        pipeline,
        dict(grid),
        scoring=_Scorer(costs, decides_itself=arm.model in FLOOR),
        refit=False,
        cv=splitter,
        n_jobs=workers,
        error_score="raise",
    ).fit(matrix, defaulted)
    rows = len(defaulted) / folds
    points = [
        _point(found.cv_results_, place, folds, rows) for place in range(len(found.cv_results_["params"]))
    ]
    ordered = sorted(points, key=lambda point: -float(np.mean(point.auc)))
    return ArmResult(arm, tuple(ordered), perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _Scorer:
    """All figures from one prediction. A class, since workers of a search may be other processes."""

    costs: Costs
    decides_itself: bool

    def __call__(self, model: BaseEstimator, matrix: Matrix, defaulted: Defaulted) -> dict[str, float]:
        probabilities: NDArray[np.float64] = model.predict_proba(matrix)[:, 1]
        measured = quality(defaulted, probabilities, 0.5, self.costs)
        if self.decides_itself:
            score = business_score(defaulted, probabilities >= 0.5, self.costs)  # noqa: PLR2004 - it is 0 or 1
        else:
            score = float(cost_curve(defaulted, probabilities, self.costs).business_scores.max())
        return {
            "auc": measured["auc"],
            "business_score": score,
            "brier_score": measured["brier_score"],
        }


def _point(results: Mapping[str, Sequence[Any]], place: int, folds: int, rows: float) -> GridPoint:
    def by_fold(metric: str) -> Folds:
        return tuple(float(results[f"split{fold}_test_{metric}"][place]) for fold in range(folds))

    return GridPoint(
        parameters=dict(results["params"][place]),
        auc=by_fold("auc"),
        business_score=by_fold("business_score"),
        brier_score=by_fold("brier_score"),
        fit_seconds=float(results["mean_fit_time"][place]),
        microseconds_per_row=float(results["mean_score_time"][place]) / rows * 1e6,
    )
