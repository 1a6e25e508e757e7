"""Fits boosted trees, and tells which features they gain by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xgboost
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.performance import Defaulted
from services.training.errors import NothingLearntError

TREE_SHAPE: Final = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 3,
    "min_child_weight": 40,
    "reg_lambda": 30,
    "subsample": 0.8,
    "colsample_bytree": 0.2,
    # One thread a fit: XGBoost's threads wait for each other, so on busy cores two take ten times as long
    # as one. Folds run side by side instead.
    "nthread": 1,
}
_RANKED_BY: Final = 9.0
"""Trees that features are ranked by, times the rate: 300 trees at a rate of 0.03."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is adjusted from fit to fit."""

    trees: int
    """At most so many."""
    rate: float
    """How much each tree corrects those before it."""
    seed: int
    features: int
    """At most so many, those that trees gain most by."""
    ridge: float
    """Weight of half the squared coefficients of the curves, against the loss summed over the rows."""
    constrained: bool = True
    """Whether risks must go where `constraints` says."""
    curved: bool = True
    """Whether there are curves beside the trees."""
    device: str = "cpu"
    """Where trees grow: cpu or cuda."""


class Growing:
    """Trees that grow step by step. The same arguments give the same trees on any number of cores."""

    def __init__(
        self, matrix: Matrix, defaulted: Defaulted, fitting: Fitting, directions: Sequence[int] = ()
    ) -> None:
        """Take the rows, and what `constraints.direction` says of each column, shape (features,)."""
        # XGBoost's random numbers belong to a thread, which may grow the trees of several folds in turn.
        seeds = {"seed": fitting.seed, "seed_per_iteration": True}
        parameters = {**TREE_SHAPE, "eta": fitting.rate, "device": fitting.device, **seeds}
        if any(directions):
            parameters["monotone_constraints"] = tuple(directions)
        self._rows = xgboost.QuantileDMatrix(matrix, defaulted, nthread=1)
        self.booster = xgboost.Booster(parameters, [self._rows])

    def grow(self, trees: int) -> xgboost.Booster:
        """Add so many trees, and return the booster with all there are."""
        grown = self.booster.num_boosted_rounds()
        for tree in range(grown, grown + trees):
            self.booster.update(self._rows, tree)
        return self.booster


def strongest(matrix: Matrix, defaulted: Defaulted, fitting: Fitting) -> NDArray[np.intp]:
    """Positions of the features that trees gain most by, at most `fitting.features`, in rising order.

    Raises NothingLearntError when no feature tells anything.
    """
    trees = min(fitting.trees, round(_RANKED_BY / fitting.rate))
    gains = gain_of(Growing(matrix, defaulted, fitting).grow(trees), matrix.shape[1])
    most = np.argsort(-gains, kind="stable")[: fitting.features]
    if not gains.any():
        raise NothingLearntError
    return np.sort(most[gains[most] > 0])


def gain_of(booster: xgboost.Booster, features: int) -> NDArray[np.float64]:
    """Return what all splits on each feature gain, shape (features,)."""
    gains = np.zeros(features)
    told: dict[str, Any] = booster.get_score(importance_type="total_gain")
    for column, gain in told.items():
        # The booster knows its columns as f0, f1 and so on.
        gains[int(column[1:])] = gain
    return gains
