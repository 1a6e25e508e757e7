"""Explaining margins exactly: which way is open for a booster, and whether it gives what training saw."""

from collections.abc import Callable
from logging import getLogger
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from services.scorecard.booster_document import BoosterDocument
from services.scorecard.bundle import BundleError
from services.scorecard.catalogue import Matrix
from services.scorecard.curves import CurveReader
from services.scorecard.forest import UnsupportedBoosterError, forest_of
from services.scorecard.probe import Expected, Probe
from services.scorecard.tree_kernel import look_up, look_up_margins
from services.scorecard.tree_tables import TreeTables, tables_of

TOLERANCE: Final = 1e-5
"""Between what a booster gives here and gave at training: the float32 noise of hundreds of trees."""
_log = getLogger(__name__)


class Explanation(NamedTuple):
    """Margins of a batch and what they are made of."""

    margins: NDArray[np.float32]
    """Log-odds of default before calibration, shape (rows,)."""
    contributions: NDArray[np.float32]
    """What each group of features adds to the margin, shape (rows, groups)."""


class Explainer(Protocol):
    """Predicts, and explains if asked to. Matrices have the booster's columns in its order."""

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix."""

    def margins(self, matrix: Matrix) -> NDArray[np.float32]:
        """Give the margins that `explain` gives, faster."""


class TableExplainer:
    """Looks up in tables: some 4 us a row, and 2 us without contributions."""

    def __init__(self, tables: TreeTables) -> None:
        self._tables = tables

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix."""
        return Explanation(*look_up(self._tables, matrix))

    def margins(self, matrix: Matrix) -> NDArray[np.float32]:
        """Give the margins that `explain` gives, faster."""
        return look_up_margins(self._tables, matrix)


class ExplainerWithCurves:
    """Adds curves to trees: margins and contributions are sums, so both stay exact."""

    def __init__(self, trees: Explainer, curves: CurveReader) -> None:
        self._trees = trees
        self._curves = curves

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix."""
        trees, (margins, contributions) = self._trees.explain(matrix), self._curves.explain(matrix)
        return Explanation(
            (trees.margins + margins).astype(np.float32),
            (trees.contributions + contributions).astype(np.float32),
        )

    def margins(self, matrix: Matrix) -> NDArray[np.float32]:
        """Give the margins that `explain` gives, faster."""
        return (self._trees.margins(matrix) + self._curves.margins(matrix)).astype(np.float32)


def explainer_of(
    document: BoosterDocument, probe: Probe, groups: NDArray[np.intp], slow: Callable[[], Explainer]
) -> Explainer:
    """Return the tables where they give what the probe expects, else the slow way, with a warning in the log.

    `groups` has the group of each feature, shape (features,); `slow` makes XGBoost's own explainer.
    Raises BundleError when the probe does not fit the booster or neither way gives what it expects.
    """
    expected = _expected(probe, len(groups))
    try:
        fast = TableExplainer(tables_of(forest_of(document, probe.base_margin), groups))
        if gives(fast, expected, groups):
            return fast
        _log.warning("explanations will be slow (300 us a row): the tables differ from what XGBoost gave")
    except UnsupportedBoosterError as error:
        _log.warning("explanations will be slow (300 us a row): %s", error)
    explainer = slow()
    if not gives(explainer, expected, groups):
        raise BundleError("booster: XGBoost does not give what the probe says that it gave at training")
    return explainer


def gives(explainer: Explainer, expected: Expected, groups: NDArray[np.intp]) -> bool:
    """Whether an explainer gives the margins and contributions that a probe expects of it."""
    margins, contributions = explainer.explain(expected.matrix)
    pairs = (
        (margins, expected.margins),
        (explainer.margins(expected.matrix), expected.margins),
        (contributions, by_group(expected.contributions, groups)),
    )
    return all(np.allclose(ours, theirs, rtol=0, atol=TOLERANCE) for ours, theirs in pairs)


def by_group(contributions: NDArray[np.float32], groups: NDArray[np.intp]) -> NDArray[np.float32]:
    """Add up the contributions of features, shape (rows, features), to those of groups."""
    columns = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[columns], return_index=True)
    grouped = np.zeros((len(contributions), int(groups.max()) + 1), dtype=np.float32)
    grouped[:, present] = np.add.reduceat(contributions[:, columns], starts, axis=1)
    return grouped


def _expected(probe: Probe, features: int) -> Expected:
    try:
        return probe.expected(features)
    except ValueError as error:
        raise BundleError(f"probe: {error}") from error
