"""Explaining margins exactly: which way is open for a booster, and whether the fast one is right."""

from logging import getLogger
from typing import Final, NamedTuple, Protocol

import numpy as np
import xgboost
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.forest import Forest, UnsupportedBoosterError, forest_of
from services.scorecard.tree_kernel import look_up
from services.scorecard.tree_tables import TreeTables, tables_of

TOLERANCE: Final = 1e-5
"""Between both ways: the float32 noise of hundreds of trees."""
_ROWS_TO_CHECK: Final = 256
_log = getLogger(__name__)


class Explanation(NamedTuple):
    """Margins of a batch and what they are made of."""

    margins: NDArray[np.float32]
    """Log-odds of default before calibration, shape (rows,)."""
    contributions: NDArray[np.float32]
    """What each group of features adds to the margin, shape (rows, groups)."""


class Explainer(Protocol):
    """Predicts and explains in one go."""

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix in the booster's column order."""


class TableExplainer:
    """Looks explanations up in tables: some 10 us a row."""

    def __init__(self, tables: TreeTables) -> None:
        self._tables = tables

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix in the booster's column order."""
        return Explanation(*look_up(self._tables, matrix))


class BoosterExplainer:
    """Asks the booster itself: right for every kind, some 300 us a row."""

    def __init__(self, booster: xgboost.Booster, groups: NDArray[np.intp]) -> None:
        self._booster = booster
        self._columns = np.argsort(groups, kind="stable")
        self._groups, self._starts = np.unique(groups[self._columns], return_index=True)
        self._all_groups = int(groups.max()) + 1

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix in the booster's column order."""
        margins = margins_of(self._booster, matrix)
        rows = xgboost.DMatrix(matrix)
        by_feature = self._booster.predict(rows, pred_contribs=True, validate_features=False)
        contributions = np.zeros((len(matrix), self._all_groups), dtype=np.float32)
        contributions[:, self._groups] = np.add.reduceat(by_feature[:, self._columns], self._starts, axis=1)
        return Explanation(margins, contributions)


def margins_of(booster: xgboost.Booster, matrix: Matrix) -> NDArray[np.float32]:
    """Margins of the rows of a matrix in the booster's column order, without explanation."""
    margins: NDArray[np.float32] = booster.inplace_predict(
        matrix, predict_type="margin", validate_features=False
    )
    return margins


def explainer_of(booster: xgboost.Booster, groups: NDArray[np.intp]) -> Explainer:
    """Return the fast explainer where it is right, else the booster's own, with a warning in the log.

    `groups` has the group of each feature, shape (features,).
    """
    slow = BoosterExplainer(booster, groups)
    try:
        forest = forest_of(booster)
    except UnsupportedBoosterError as error:
        _log.warning("explanations will be slow (300 us a row): %s", error)
        return slow
    fast = TableExplainer(tables_of(forest, groups))
    return faster_if_right(fast, slow, rows_around_thresholds(forest, len(groups)))


def faster_if_right(fast: Explainer, slow: Explainer, matrix: Matrix) -> Explainer:
    """Return the fast explainer if both explain the rows alike, else the slow one, with a warning."""
    pairs = zip(fast.explain(matrix), slow.explain(matrix), strict=True)
    if all(np.allclose(ours, theirs, rtol=0, atol=TOLERANCE) for ours, theirs in pairs):
        return fast
    _log.warning("explanations will be slow (300 us a row): the tables differ from XGBoost's own")
    return slow


def rows_around_thresholds(forest: Forest, features: int) -> Matrix:
    """Return rows to check with: cells at thresholds, just beside them, in between and missing."""
    random = np.random.default_rng(0)
    matrix = np.empty((_ROWS_TO_CHECK, features), dtype=np.float32)
    for feature in range(features):
        at = forest.thresholds[(forest.features == feature) & ~forest.filling]
        near = [at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))]
        matrix[:, feature] = random.choice(np.concatenate([*near, at + 1, [np.nan]]), _ROWS_TO_CHECK)
    return matrix
