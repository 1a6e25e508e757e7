"""Fits boosted trees, and asks each row's margin of trees that have not seen the row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from services.scorecard.booster import margins_of
from services.scorecard.catalogue import Matrix
from services.training.threshold import Defaulted

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows to fit on and rows to judge by."""

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


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is adjusted from fit to fit."""

    trees: int
    rate: float
    """How much each tree corrects those before it."""
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """Margins of rows by trees that were fitted without them."""

    margins: NDArray[np.float64]
    """Log-odds of default, shape (rows,)."""
    fold_aucs: NDArray[np.float64]
    """AUC within each fold, shape (folds,)."""


def varying(matrix: Matrix) -> NDArray[np.intp]:
    """Positions of the columns that are not the same in all rows; missing counts as a value."""
    first = matrix[:1]
    same = (matrix == first) | (np.isnan(matrix) & np.isnan(first))
    return np.flatnonzero(~same.all(axis=0))


def fit(matrix: Matrix, defaulted: Defaulted, fitting: Fitting) -> xgboost.Booster:
    """Fit trees. The same arguments give the same trees on any number of cores."""
    parameters = {**TREE_SHAPE, "eta": fitting.rate, "seed": fitting.seed}
    rows = xgboost.QuantileDMatrix(matrix, defaulted, nthread=1)
    return xgboost.train(parameters, rows, fitting.trees)


def out_of_fold(
    matrix: Matrix,
    defaulted: Defaulted,
    fitting: Fitting,
    folds: int,
    *,
    workers: int,
    say: Callable[[str], None],
) -> OutOfFold:
    """Fit once per stratified fold on the others, `workers` fits side by side, and tell how it goes."""
    begun = perf_counter()
    margins = np.full(len(matrix), np.nan)
    aucs: list[float] = []
    splitter = StratifiedKFold(folds, shuffle=True, random_state=fitting.seed)

    def unseen_margins(fold: Fold) -> NDArray[np.float32]:
        seen, unseen = fold
        return margins_of(fit(matrix[seen], defaulted[seen], fitting), matrix[unseen])

    splits: list[Fold] = list(splitter.split(matrix, defaulted))
    with ThreadPoolExecutor(workers) as pool:
        for (_, unseen), fold_margins in zip(splits, pool.map(unseen_margins, splits), strict=True):
            margins[unseen] = fold_margins
            aucs.append(float(roc_auc_score(defaulted[unseen], fold_margins)))
            seconds = perf_counter() - begun
            say(f"fold {len(aucs)} of {folds}: mean AUC {np.mean(aucs):.4f} after {seconds:.0f} s")
    return OutOfFold(margins, np.array(aucs))
