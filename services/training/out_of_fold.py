"""Asks each row's margin of models that have not seen the row."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold

from services.scorecard.bundle import Costs
from services.scorecard.calibration import probabilities_of
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.performance import Defaulted, business_score, ranking, separation
from services.training.calibrate import platt
from services.training.fit import Planted, plant
from services.training.fit_trees import Fitting
from services.training.progress import Say
from services.training.threshold import cost_curve

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Rows to fit on and rows to judge by."""
STEP: Final = 1.5
"""Trees that are added at a time, times the rate: 50 trees at a rate of 0.03."""
PATIENCE: Final = 4
"""Steps without progress after which no more trees are added."""


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """Margins of rows by models that were fitted without them; every row stands in each repeat once."""

    defaulted: NDArray[np.bool_]
    """Shape (repeats, rows)."""
    margins: NDArray[np.float64]
    """Log-odds of default before calibration, shape (repeats, rows)."""
    folds: NDArray[np.intp]
    """Fold that judged the row, 0 and up, shape (repeats, rows)."""
    trees: int
    """Fewest trees whose AUC within folds is within a standard error of the highest."""

    def fold_aucs(self) -> NDArray[np.float64]:
        """AUC within each fold, shape (repeats * folds,)."""
        return np.array(
            [
                ranking(separation(defaulted[unseen], margins[unseen]))["auc"]
                for defaulted, margins, unseen in self._each_fold()
            ]
        )

    def fold_business_scores(self, costs: Costs) -> NDArray[np.float64]:
        """Return the business score within each fold, at the threshold of the others, same shape."""
        scores = []
        for defaulted, margins, unseen in self._each_fold():
            calibration = platt(margins[~unseen], defaulted[~unseen])
            probabilities = probabilities_of(calibration.log_odds(margins))
            threshold = cost_curve(defaulted[~unseen], probabilities[~unseen], costs).best_threshold()
            scores.append(business_score(defaulted[unseen], probabilities[unseen] >= threshold, costs))
        return np.array(scores)

    def _each_fold(self) -> list[tuple[Defaulted, NDArray[np.float64], NDArray[np.bool_]]]:
        return [
            (defaulted, margins, folds == fold)
            for defaulted, margins, folds in zip(self.defaulted, self.margins, self.folds, strict=True)
            for fold in np.unique(folds)
        ]


def out_of_fold(
    matrix: Matrix,
    defaulted: Defaulted,
    definitions: Sequence[FeatureDefinition],
    fitting: Fitting,
    *,
    folds: int,
    repeats: int,
    workers: int,
    say: Say,
) -> OutOfFold:
    """Fit once per stratified fold on the others, `workers` fits side by side, and tell how it goes.

    Trees grow in all folds until the mean AUC of unseen rows has not risen for a while. One number of trees
    for all folds, so that what the rows of a fold chose for themselves does not flatter them.
    """
    splitter = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=fitting.seed)
    splits: list[Fold] = list(splitter.split(matrix, defaulted))

    def planted_without(fold: Fold) -> Planted:
        seen, _ = fold
        return plant(matrix[seen], defaulted[seen], definitions, fitting)

    with ThreadPoolExecutor(workers) as pool:
        planted = list(pool.map(planted_without, splits))
        say(f"{len(splits)} folds: features chosen and curves fitted; trees grow")
        watched = [
            _Watched(each, matrix[unseen], defaulted[unseen])
            for each, (_, unseen) in zip(planted, splits, strict=True)
        ]
        trees = _grown_together(watched, fitting, folds, pool, say)
    shape = (repeats, len(defaulted))
    margins, judged_by = np.empty(shape), np.empty(shape, np.intp)
    for place, ((_, unseen), each) in enumerate(zip(splits, planted, strict=True)):
        repeat, fold = divmod(place, folds)
        margins[repeat, unseen] = each.fitted().margins(matrix[unseen], trees)
        judged_by[repeat, unseen] = fold
    return OutOfFold(np.tile(defaulted, (repeats, 1)), margins, judged_by, trees)


class _Watched:
    """A fold's model, and how it ranks the rows that it was fitted without."""

    def __init__(self, planted: Planted, matrix: Matrix, defaulted: Defaulted) -> None:
        self._planted = planted
        columns = np.ascontiguousarray(matrix[:, planted.places])
        self._curves = planted.reader().margins(columns)
        # The booster remembers what its trees said of these rows, and asks the new ones alone.
        self._rows = xgboost.DMatrix(columns, nthread=1)
        self._defaulted = defaulted

    def grow(self, trees: int) -> float:
        """Add so many trees, and return the AUC of the unseen rows."""
        booster = self._planted.growing.grow(trees)
        margins = booster.predict(self._rows, output_margin=True) + self._curves
        return ranking(separation(self._defaulted, margins))["auc"]


def _grown_together(
    watched: Sequence[_Watched], fitting: Fitting, folds: int, pool: Executor, say: Say
) -> int:
    """Grow trees as long as it helps, and return how many are enough."""
    step = max(round(STEP / fitting.rate), 1)
    aucs: list[list[float]] = []
    grown: list[int] = []
    while sum(grown) < fitting.trees and len(aucs) < _best(aucs) + PATIENCE:
        grown.append(min(step, fitting.trees - sum(grown)))
        aucs.append(list(pool.map(lambda each: each.grow(grown[-1]), watched)))
        say(f"{sum(grown)} trees: mean AUC of unseen rows {np.mean(aucs[-1]):.4f}")
    return sum(grown[: enough(np.array(aucs), folds) + 1])


def _best(aucs: Sequence[Sequence[float]]) -> int:
    return int(np.argmax(np.mean(aucs, axis=1))) + 1 if aucs else 1


def enough(aucs: NDArray[np.float64], folds: int) -> int:
    """Return the first step, from 0, that is behind the best by no more than a standard error.

    `aucs` has shape (steps, folds of all repeats). Serving pays for every tree. It is the 1 SE rule of
    Breiman et al., Classification and Regression Trees (1984), section 3.4.3, with the error of the folds'
    paired differences. Repeats make a mean steadier but are no further rows: the error is not smaller.
    """
    behind = aucs[np.argmax(aucs.mean(axis=1))] - aucs
    errors = behind.std(axis=1, ddof=1) / sqrt(folds)
    return int(np.argmax(behind.mean(axis=1) <= errors))
