"""Calibration: from margins of unseen rows to probabilities that come true."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.scorecard.calibration import Calibration
from services.training.errors import NothingLearntError
from services.training.threshold import Defaulted


def platt(margins: NDArray[np.float64], defaulted: Defaulted) -> Calibration:
    """Fit slope and intercept by maximum likelihood.

    The targets are Platt's, a little inside 0 and 1, so that the fit stays finite where margins separate
    the classes. Source: Platt, Probabilistic Outputs for Support Vector Machines (1999), section 2.2.
    Raises NothingLearntError when higher margins do not mean more defaults.
    """
    bad, good = np.sum(defaulted), np.sum(~defaulted)
    target = np.where(defaulted, (bad + 1) / (bad + 2), 1 / (good + 2))
    # A target between 0 and 1 is the row twice, once as each class, with the target as weight.
    regression = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(
        np.tile(margins, 2)[:, np.newaxis],
        np.repeat([1, 0], len(margins)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    slope, intercept = float(regression.coef_[0, 0]), float(regression.intercept_[0])
    if slope <= 0:
        raise NothingLearntError
    return Calibration(slope=slope, intercept=intercept)
