"""How good probabilities and decisions are.

Business score = 1 - (cost_FN FN + cost_FP FP) / (cost_FN P + cost_FP N): 1 for a lender who makes no
error, 0 for one who makes them all. FN are defaulters accepted, FP good clients refused; P and N are
all defaulters and all good clients. Source: expected cost of misclassification, Hand and Henley,
Statistical Classification Methods in Consumer Credit Scoring (1997), scaled by its worst case.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs

CALIBRATION_BINS: Final = 10
Defaulted = NDArray[np.bool_]
"""Shape (rows,): what the loans did. Functions here need at least one of each kind."""
Probabilities = NDArray[np.float64]
"""Shape (rows,): probabilities of default, 0 to 1."""
Errors = TypeVar("Errors", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """How far the probabilities of the two kinds of client lie apart."""

    probabilities: NDArray[np.float64]
    """All that occur, rising, shape (different probabilities,)."""
    defaulters: NDArray[np.float64]
    """Share of the defaulters who have at most that probability, same shape."""
    good: NDArray[np.float64]
    """Share of the good clients who have at most that probability, same shape."""


def quality(
    defaulted: Defaulted, probabilities: Probabilities, threshold: float, costs: Costs
) -> dict[str, float]:
    """Return every metric by name; refused are those at the threshold or above."""
    refused = probabilities >= threshold
    return {
        **ranking(separation(defaulted, probabilities)),
        "brier_score": float(np.mean((probabilities - defaulted) ** 2)),
        "expected_calibration_error": expected_calibration_error(defaulted, probabilities),
        "business_score": business_score(defaulted, refused, costs),
        **expenses(defaulted, refused, costs),
        "approval_rate": float(np.mean(~refused)),
        **classification(defaulted, refused),
    }


def separation(defaulted: Defaulted, probabilities: Probabilities) -> Separation:
    """Return the distribution of the probabilities of each kind of client."""
    different, places = np.unique(probabilities, return_inverse=True)

    def share_up_to(kind: Defaulted) -> NDArray[np.float64]:
        counts = np.bincount(places[kind], minlength=different.size)
        return np.cumsum(counts) / np.count_nonzero(kind)

    return Separation(different, share_up_to(defaulted), share_up_to(~defaulted))


def ranking(apart: Separation) -> dict[str, float]:
    """AUC, Gini and the statistic of Kolmogorov and Smirnov; equal probabilities count half in AUC.

    Source: Thomas, Crook and Edelman, Credit Scoring and Its Applications (2002), chapter 7: Gini is
    2 AUC - 1, KS the widest gap between the distributions of good clients and of defaulters.
    """
    auc = float(np.trapezoid(np.append(0.0, apart.good), np.append(0.0, apart.defaulters)))
    return {"auc": auc, "gini": 2 * auc - 1, "ks": float(np.max(np.abs(apart.good - apart.defaulters)))}


def expenses(defaulted: Defaulted, refused: NDArray[np.bool_], costs: Costs) -> dict[str, float]:
    """Cost of the errors per application, that of accepting everybody, and the share of it that is saved.

    The share is below 0 where the decisions cost more, and 0 where accepting everybody costs nothing.
    """
    errors = costs.false_negative * np.sum(defaulted & ~refused)
    cost = float(errors + costs.false_positive * np.sum(~defaulted & refused)) / defaulted.size
    accepting_all = float(costs.false_negative * np.mean(defaulted))
    return {
        "cost_per_application": cost,
        "cost_per_application_accepting_all": accepting_all,
        "saving": 1 - cost / accepting_all if accepting_all else 0.0,
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


def business_score(defaulted: Defaulted, refused: NDArray[np.bool_], costs: Costs) -> float:
    """Return the business score of decisions."""
    bad = int(np.count_nonzero(defaulted))
    errors = (float(np.sum(defaulted & ~refused)), float(np.sum(refused & ~defaulted)))
    return score_of_errors(*errors, bad=bad, good=defaulted.size - bad, costs=costs)


def score_of_errors(
    false_negatives: Errors, false_positives: Errors, *, bad: float, good: float, costs: Costs
) -> Errors:
    """Return the business score of errors among so many defaulters and good clients, known or expected.

    Of arrays it returns one score for each of their places.
    """
    cost = costs.false_negative * false_negatives + costs.false_positive * false_positives
    return 1 - cost / (costs.false_negative * bad + costs.false_positive * good)
