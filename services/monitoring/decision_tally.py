"""Counts of decisions: outcomes, scores, probabilities, reasons, ages, and the challenger's opinions.

The layout does not depend on a model, so that any two tallies can be added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import HIGHEST_SCORE, LOWEST_SCORE, OUTCOMES, ApplicationDecided
from services.monitoring.tally import Additions, Tally
from services.scorecard.bundle import Costs

PROBABILITY_EDGES: Final = 1 / (1 + np.exp(-np.linspace(-7, 4, 199)))
"""Even in log-odds: most probabilities of default lie below 0.1."""
AGE_EDGES: Final = np.geomspace(0.001, 100_000, 161)
"""Seconds; each bin is 12 % wide."""
_PLACES: Final = MappingProxyType({outcome: place for place, outcome in enumerate(OUTCOMES)})
SHADOW: Final = ("rows", "both", "champion alone", "challenger alone", "champion cost", "challenger cost")


@dataclass(frozen=True)
class DecisionLayout:
    """Where the parts of a tally of decisions stand."""

    reason_codes: tuple[str, ...]
    """Reasons and policy rules that are counted by themselves; all others are one."""
    costs: Costs

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Numbers of each part, in their order."""
        probabilities = len(PROBABILITY_EDGES) + 1
        return {
            "outcomes": len(OUTCOMES),
            "probability_sums": len(OUTCOMES),
            "scores": HIGHEST_SCORE - LOWEST_SCORE + 1,
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
        start = self._starts[name]
        return tally[start : start + self.sizes[name]]

    @cached_property
    def _starts(self) -> Mapping[str, int]:
        return dict(zip(self.sizes, accumulate(self.sizes.values(), initial=0), strict=False))

    def count(self, decisions: Sequence[ApplicationDecided]) -> Tally:
        """Return the tally of decisions, as `additions` takes them."""
        return self.additions(decisions).all()

    def additions(self, decisions: Sequence[ApplicationDecided]) -> Additions:
        """Tell what decisions of one champion add; opinions of a challenger, if any, are of one version."""
        probabilities = np.array([decision.probability_of_default for decision in decisions])
        outcomes = np.array([_PLACES[decision.outcome] for decision in decisions], dtype=np.intp)
        bins = np.searchsorted(PROBABILITY_EDGES, probabilities, side="right")
        scores = np.array([each.score - LOWEST_SCORE for each in decisions], dtype=np.intp)
        ages = [(each.decided_at - each.submitted_at).total_seconds() for each in decisions]
        one = np.ones(len(decisions))
        parts: list[tuple[str, NDArray[np.intp], NDArray[np.float64]]] = [
            ("outcomes", outcomes, one),
            ("probability_sums", outcomes, probabilities),
            ("scores", scores, one),
            ("probabilities", bins, one),
            ("probability_sums_by_bin", bins, probabilities),
            ("reasons", *self._reasons(decisions)),
            ("ages", np.searchsorted(AGE_EDGES, ages), one),
        ]
        places = [self._starts[name] + place for name, place, _ in parts]
        shadow = np.arange(len(SHADOW)) + self._starts["shadow"]
        return Additions(
            sum(self.sizes.values()),
            np.column_stack([*places, np.broadcast_to(shadow, (len(decisions), len(SHADOW)))]),
            np.column_stack([*(amount for _, _, amount in parts), self._shadow(decisions)]),
        )

    def _reasons(
        self, decisions: Sequence[ApplicationDecided]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the place of each first reason, and 1, or 0 where there is none."""
        places, other = {code: place for place, code in enumerate(self.reason_codes)}, len(self.reason_codes)
        first = [places.get(each.reasons[0].code, other) if each.reasons else other for each in decisions]
        told = np.array([bool(each.reasons) for each in decisions], dtype=np.float64)
        return np.array(first, dtype=np.intp), told

    def _shadow(self, decisions: Sequence[ApplicationDecided]) -> NDArray[np.float64]:
        """Return what each opinion adds, shape (decisions, 6)."""
        told = np.zeros((len(decisions), len(SHADOW)))
        for row, decision in zip(told, decisions, strict=True):
            if decision.shadow is not None:
                ours, theirs = decision.outcome == "approved", decision.shadow.outcome == "approved"
                costs = [self.cost(decision.probability_of_default, approved=each) for each in (ours, theirs)]
                row[:] = [1, ours and theirs, ours and not theirs, theirs and not ours, *costs]
        return told

    def cost(self, probability: float, *, approved: bool) -> float:
        """Return what a decision is expected to cost where the probability of default is exact."""
        error = self.costs.false_negative * probability
        return error if approved else self.costs.false_positive * (1 - probability)
