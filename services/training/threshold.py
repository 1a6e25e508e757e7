"""The threshold that costs the lender least, and the cost of every other.

Business score = 1 - (cost_FN FN + cost_FP FP) / (cost_FN P + cost_FP N): 1 for a lender who makes no
error, 0 for one who makes them all. FN are defaulters accepted, FP good clients refused; P and N are
all defaulters and all good clients. Source: expected cost of misclassification, Hand and Henley,
Statistical Classification Methods in Consumer Credit Scoring (1997), scaled by its worst case.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs

Defaulted = NDArray[np.bool_]
"""Shape (rows,): what the loans did. Functions here need at least one of each kind."""
Probabilities = NDArray[np.float64]
"""Shape (rows,): probabilities of default, 0 to 1."""
Count = NDArray[np.intp] | int


@dataclass(frozen=True, slots=True, eq=False)
class CostCurve:
    """Business scores of all thresholds that refuse different applicants."""

    thresholds: NDArray[np.float64]
    """Rising; an applicant at the threshold is refused."""
    business_scores: NDArray[np.float64]

    def best_threshold(self) -> float:
        """Return the threshold of the highest business score, the lowest of equals."""
        return float(self.thresholds[np.argmax(self.business_scores)])


def cost_curve(defaulted: Defaulted, probabilities: Probabilities, costs: Costs) -> CostCurve:
    """Weigh every threshold, from refusing everybody to accepting all below 1."""
    thresholds = np.unique(np.append(probabilities, 1.0))
    accepted_defaulters = np.searchsorted(np.sort(probabilities[defaulted]), thresholds)
    good = np.sort(probabilities[~defaulted])
    refused_good = good.size - np.searchsorted(good, thresholds)
    return CostCurve(
        thresholds, np.asarray(_business_score(defaulted, accepted_defaulters, refused_good, costs))
    )


def business_score(defaulted: Defaulted, refused: NDArray[np.bool_], costs: Costs) -> float:
    """Return the business score of decisions."""
    accepted_defaulters = int(np.sum(defaulted & ~refused))
    refused_good = int(np.sum(refused & ~defaulted))
    return float(_business_score(defaulted, accepted_defaulters, refused_good, costs))


def _business_score(
    defaulted: Defaulted, false_negatives: Count, false_positives: Count, costs: Costs
) -> NDArray[np.float64] | float:
    cost = costs.false_negative * false_negatives + costs.false_positive * false_positives
    bad = np.count_nonzero(defaulted)
    worst = costs.false_negative * bad + costs.false_positive * (defaulted.size - bad)
    return 1 - cost / worst
