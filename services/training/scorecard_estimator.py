"""The candidate's recipe as an estimator of scikit-learn, to be compared like every other model.

It differs from the candidate in one thing: it is calibrated on the rows that it is fitted on, which no
ranking feels and its Brier score does.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from services.scorecard.calibration import probabilities_of
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.performance import Defaulted
from services.training.calibrate import platt
from services.training.errors import NothingLearntError
from services.training.fit import Fitted, fit
from services.training.fit_trees import Fitting


class ScorecardClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is not typed
    """Chosen features, curves and trees."""

    def __init__(
        self, definitions: Sequence[FeatureDefinition], fitting: Fitting, *, ridge: float | None = None
    ) -> None:
        """Take the columns' definitions and how to fit; a `ridge`, set by a search, replaces that one."""
        self.definitions = definitions
        self.fitting = fitting
        self.ridge = ridge

    def fit(self, matrix: Matrix, defaulted: Defaulted) -> Self:
        """Fit on rows, shape (rows, features), and whether they defaulted, shape (rows,)."""
        fitting = self.fitting if self.ridge is None else replace(self.fitting, ridge=self.ridge)
        matrix = np.asarray(matrix, dtype=np.float32)
        self.classes_ = np.array([False, True])
        self.share_ = float(np.mean(defaulted))
        try:
            self.fitted_: Fitted | None = fit(matrix, defaulted, self.definitions, fitting)
            self.calibration_ = platt(self.fitted_.margins(matrix), defaulted)
        except NothingLearntError:
            # Too few rows for a tree: other estimators give everybody the same probability then.
            self.fitted_ = None
        return self

    def predict_proba(self, matrix: Matrix) -> NDArray[np.float64]:
        """Return the probabilities of no default and of default, shape (rows, 2)."""
        default = np.full(len(matrix), self.share_)
        if self.fitted_ is not None:
            margins = self.fitted_.margins(np.asarray(matrix, dtype=np.float32))
            default = probabilities_of(self.calibration_.log_odds(margins))
        return np.column_stack([1 - default, default])
