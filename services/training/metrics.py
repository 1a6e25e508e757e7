"""How good probabilities and decisions are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from services.scorecard.bundle import Costs
from services.training.threshold import Defaulted, Probabilities, business_score

CALIBRATION_BINS: Final = 10


def quality(
    defaulted: Defaulted, probabilities: Probabilities, threshold: float, costs: Costs
) -> dict[str, float]:
    """Return every metric by name; refused are those at the threshold or above."""
    refused = probabilities >= threshold
    return {
        "auc": float(roc_auc_score(defaulted, probabilities)),
        "brier_score": float(np.mean((probabilities - defaulted) ** 2)),
        "expected_calibration_error": expected_calibration_error(defaulted, probabilities),
        "business_score": business_score(defaulted, refused, costs),
        **classification(defaulted, refused),
    }


def classification(defaulted: Defaulted, refused: NDArray[np.bool_]) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of refusals; precision and F1 are 0 where nobody is refused."""
    found = float(np.sum(refused & defaulted))
    return {
        "accuracy": float(np.mean(refused == defaulted)),
        "precision": found / max(float(np.sum(refused)), 1.0),
        "recall": found / float(np.sum(defaulted)),
        "f1": 2 * found / float(np.sum(refused) + np.sum(defaulted)),
    }


def reliability(
    defaulted: Defaulted, probabilities: Probabilities
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Mean probability, share of defaulters and number of rows in ten bins of equally many rows.

    Rows of equal probability may fall into two bins, in the order of the table.
    """
    bins = [
        part
        for part in np.array_split(np.argsort(probabilities, kind="stable"), CALIBRATION_BINS)
        if part.size
    ]
    expected = np.array([probabilities[part].mean() for part in bins])
    observed = np.array([defaulted[part].mean() for part in bins])
    return expected, observed, np.array([part.size for part in bins])


def expected_calibration_error(defaulted: Defaulted, probabilities: Probabilities) -> float:
    """Mean gap between expected and observed default rates, weighted by rows.

    Source: Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning
    (2015), with bins of equally many rows, as most probabilities of default lie below 0.1.
    """
    expected, observed, rows = reliability(defaulted, probabilities)
    return float(np.average(np.abs(expected - observed), weights=rows))
