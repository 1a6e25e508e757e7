"""Counts of decisions: outcomes, scores, probabilities, reasons, ages, and the challenger's opinions.

The layout does not depend on a model, so that any two tallies can be added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import ApplicationDecided, Outcome
from services.monitoring.feature_tally import Tally
from services.scorecard.bundle import Costs

OUTCOMES: Final[tuple[Outcome, ...]] = ("approved", "refused", "review")
LEAST_SCORE, MOST_SCORE = 300, 850
PROBABILITY_EDGES: Final = 1 / (1 + np.exp(-np.linspace(-7, 4, 199)))
"""Even in log-odds: most probabilities of default lie below 0.1."""
AGE_EDGES: Final = np.geomspace(0.001, 100_000, 161)
"""Seconds; each bin is 12 % wide."""
SHADOW: Final = ("rows", "both", "champion alone", "challenger alone", "champion cost", "challenger cost")


@dataclass(frozen=True)
class DecisionLayout:
    """Where the parts of a tally of decisions stand."""

    reason_codes: tuple[str, ...]
    """Reasons and policy rules that are counted by themselves; all others are one."""
    costs: Costs

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of each part, in their order."""
        probabilities = len(PROBABILITY_EDGES) + 1
        return {
            "outcomes": len(OUTCOMES),
            "probability_sums": len(OUTCOMES),
            "scores": MOST_SCORE - LEAST_SCORE + 1,
            "probabilities": probabilities,
            "probability_sums_by_bin": probabilities,
            "reasons": len(self.reason_codes) + 1,
            "ages": len(AGE_EDGES) + 1,
            "shadow": len(SHADOW),
        }

    def empty(self) -> Tally:
        """Return the tally of no decisions."""
        return np.zeros(sum(self.sizes.values()))

    def part(self, tally: Tally, name: str) -> NDArray[np.float64]:
        """Return a part of a tally by its name."""
        sizes = self.sizes
        names = list(sizes)
        start = sum(sizes[before] for before in names[: names.index(name)])
        return tally[start : start + sizes[name]]

    def count(self, decisions: Sequence[ApplicationDecided]) -> Tally:
        """Count decisions of one champion; the opinions of a challenger, if any, are of one version."""
        outcomes = np.array([OUTCOMES.index(decision.outcome) for decision in decisions], dtype=np.intp)
        probabilities = np.array([decision.probability_of_default for decision in decisions])
        bins = np.searchsorted(PROBABILITY_EDGES, probabilities, side="right")
        sizes = self.sizes
        ages = [(each.decided_at - each.submitted_at).total_seconds() for each in decisions]
        scores = [each.score - LEAST_SCORE for each in decisions]
        parts = {
            "outcomes": np.bincount(outcomes, minlength=sizes["outcomes"]),
            "probability_sums": np.bincount(outcomes, probabilities, sizes["probability_sums"]),
            "scores": np.bincount(scores, minlength=sizes["scores"]),
            "probabilities": np.bincount(bins, minlength=sizes["probabilities"]),
            "probability_sums_by_bin": np.bincount(bins, probabilities, sizes["probabilities"]),
            "reasons": self._reasons(decisions),
            "ages": np.bincount(np.searchsorted(AGE_EDGES, ages), minlength=sizes["ages"]),
            "shadow": self._shadow(decisions),
        }
        return np.concatenate([parts[name].astype(np.float64) for name in sizes])

    def _reasons(self, decisions: Sequence[ApplicationDecided]) -> NDArray[np.intp]:
        places = {code: place for place, code in enumerate(self.reason_codes)}
        first = [
            places.get(each.reasons[0].code, len(self.reason_codes)) for each in decisions if each.reasons
        ]
        return np.bincount(np.array(first, dtype=np.intp), minlength=len(self.reason_codes) + 1)

    def _shadow(self, decisions: Sequence[ApplicationDecided]) -> NDArray[np.float64]:
        told = np.zeros(len(SHADOW))
        for decision in decisions:
            if decision.shadow is not None:
                ours, theirs = decision.outcome == "approved", decision.shadow.outcome == "approved"
                costs = [self.cost(decision.probability_of_default, approved=each) for each in (ours, theirs)]
                told += [1, ours and theirs, ours and not theirs, theirs and not ours, *costs]
        return told

    def cost(self, probability: float, *, approved: bool) -> float:
        """Return what a decision is expected to cost where the probability of default is exact."""
        error = self.costs.false_negative * probability
        return error if approved else self.costs.false_positive * (1 - probability)
