"""Calibration: from margins of unseen rows to probabilities that come true."""

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from services.scorecard.calibration import Calibration, probabilities_of
from services.scorecard.performance import Defaulted, Probabilities, expected_calibration_error
from services.training.errors import NothingLearntError


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


def isotonic(
    margins: NDArray[np.float64], defaulted: Defaulted, others: NDArray[np.float64]
) -> Probabilities:
    """Return the probabilities of other margins by the rising step function that fits best.

    Source: Zadrozny and Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates
    (2002). It is here to compare with: where it is level, applicants of different margins would be equal,
    and a reason's contribution would have no size.
    """
    probabilities: Probabilities = (
        IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(margins, defaulted).predict(others)
    )
    return probabilities


def calibrators_compared(
    margins: NDArray[np.float64], defaulted: Defaulted, folds: NDArray[np.intp]
) -> dict[str, float]:
    """Brier score and calibration error of Platt's scaling and of isotonic regression, by name.

    Each fold is calibrated by the other ones; all arrays have shape (rows,).
    """
    found = {"platt": np.empty(len(margins)), "isotonic": np.empty(len(margins))}
    for fold in np.unique(folds):
        out, within = folds != fold, folds == fold
        log_odds = platt(margins[out], defaulted[out]).log_odds(margins[within])
        found["platt"][within] = probabilities_of(log_odds)
        found["isotonic"][within] = isotonic(margins[out], defaulted[out], margins[within])
    return {
        f"{metric}_{name}": value
        for name, probabilities in found.items()
        for metric, value in (
            ("brier_score", float(np.mean((probabilities - defaulted) ** 2))),
            ("calibration_error", expected_calibration_error(defaulted, probabilities)),
        )
    }
