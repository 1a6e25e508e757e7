"""The threshold that costs the lender least, and the cost of every other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray
from scipy.special import expit, logit

from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted, Probabilities, score_of_errors

_NEAR: Final = 1.0
_CUBIC: Final = 3
_LEAST_TO_SMOOTH: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class CostCurve:
    """Business scores of all thresholds that refuse different applicants."""

    thresholds: NDArray[np.float64]
    """Rising; an applicant at the threshold is refused."""
    business_scores: NDArray[np.float64]
    expected: float
    """Threshold that costs least where probabilities are exact."""

    def best_threshold(self) -> float:
        """Return the threshold at the top of the curve, which is smoothed: its ragged top is chance.

        Smoothed by a cubic over the log-odds within 1 of where exact probabilities would have the top; a
        curve of few thresholds there is taken as it is, and of equals the lowest.
        """
        log_odds = logit(self.thresholds)
        near = np.abs(log_odds - logit(self.expected)) <= _NEAR
        if np.count_nonzero(near) < _LEAST_TO_SMOOTH:
            return float(self.thresholds[np.argmax(self.business_scores)])
        smooth = Polynomial.fit(log_odds[near], self.business_scores[near], _CUBIC)
        places = np.linspace(log_odds[near].min(), log_odds[near].max(), 1001)
        return float(expit(places[np.argmax(smooth(places))]))


def cost_curve(defaulted: Defaulted, probabilities: Probabilities, costs: Costs) -> CostCurve:
    """Weigh every threshold, from refusing everybody to accepting all below 1.

    Source of `expected`: Elkan, The Foundations of Cost-Sensitive Learning (2001), theorem 1.
    """
    thresholds = np.unique(np.append(probabilities, 1.0))
    bad, good = np.sort(probabilities[defaulted]), np.sort(probabilities[~defaulted])
    accepted_defaulters = np.searchsorted(bad, thresholds).astype(np.float64)
    refused_good = good.size - np.searchsorted(good, thresholds).astype(np.float64)
    scores = score_of_errors(accepted_defaulters, refused_good, bad=bad.size, good=good.size, costs=costs)
    return CostCurve(thresholds, scores, costs.false_positive / (costs.false_positive + costs.false_negative))
