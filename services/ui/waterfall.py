"""From the rate of all applicants to this one's probability, reason by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

LEAST: Final = 1e-6
"""Probabilities this near to 0 or 1 count as being so near, so that they have log-odds."""
BASE, REST, TOTAL = "base", "rest", "total"


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one probability to the next."""

    code: str
    """Of the reason, or base, rest or total."""
    start: float
    end: float

    @property
    def size(self) -> float:
        """Share by which the probability changes."""
        return self.end - self.start


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability."""
    held = min(max(probability, LEAST), 1 - LEAST)
    return log(held / (1 - held))


def probability_of(odds: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + exp(-odds))


def steps(base: float, contributions: Sequence[tuple[str, float]], final: float) -> tuple[Step, ...]:
    """Return the steps: the base rate, what is not told, each reason with its log-odds, and the total.

    What is not told comes second: it is all that the reasons do not explain, and these then lead to the
    probability itself. Steps of equal log-odds are not equally long: it depends on where they begin.
    """
    told = sum(contribution for _, contribution in contributions)
    at = log_odds(final) - told
    found = [Step(BASE, 0.0, base), Step(REST, base, probability_of(at))]
    for code, contribution in contributions:
        found.append(Step(code, probability_of(at), probability_of(at + contribution)))
        at += contribution
    return (*found, Step(TOTAL, 0.0, final))
