"""How far the metrics would move on other applicants of the same kind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted, Probabilities, expected_calibration_error, quality

CONFIDENCE: Final = 0.95
_TAILS: Final = (50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE))
_INFLATED: Final = frozenset({"ks", "expected_calibration_error"})
"""Made of absolute gaps: chance only adds to them, and a resample has the chance of two draws."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A metric, and between what it lies in 95 of 100 resamples."""

    value: float
    low: float
    high: float


def intervals(
    defaulted: Defaulted,
    probabilities: Probabilities,
    threshold: float,
    costs: Costs,
    *,
    rounds: int = 1000,
    seed: int,
) -> dict[str, Interval]:
    """Return each metric of `quality` with its 95 % bootstrap interval.

    Rows are drawn with replacement and not stratified: cost, precision and calibration depend on how many
    applicants default, which is itself only estimated from these rows. The interval is between percentiles;
    for KS and the calibration error, which resampling raises, it is moved down by as much as it raised them.
    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), sections 10.6 and 13.3.
    """
    measured = quality(defaulted, probabilities, threshold, costs)
    # Sorted once, and drawn in order: then the sorting within `quality` finds its work done.
    order = np.argsort(probabilities, kind="stable")
    bad, ranked = defaulted[order], probabilities[order]
    random = np.random.default_rng(seed)
    resampled = [
        list(quality(bad[rows], ranked[rows], threshold, costs).values())
        for rows in (_draw(bad, random) for _ in range(rounds))
    ]
    by_metric = zip(measured.items(), np.array(resampled).T, strict=True)
    return {name: _interval(name, value, found) for (name, value), found in by_metric}


def calibration_error_by_chance(probabilities: Probabilities, *, rounds: int = 1000, seed: int) -> float:
    """Return the calibration error that exact probabilities exceed in one of twenty tables of so many rows.

    Source: consistency resampling, Bröcker and Smith, Increasing the Reliability of Reliability Diagrams
    (2007): defaults are drawn with the probabilities themselves.
    """
    random = np.random.default_rng(seed)
    ranked = np.sort(probabilities)
    errors = [expected_calibration_error(random.random(ranked.size) < ranked, ranked) for _ in range(rounds)]
    return float(np.percentile(errors, 100 * CONFIDENCE))


def _draw(defaulted: Defaulted, random: np.random.Generator) -> NDArray[np.intp]:
    # No metric is defined on one kind of client; that comes up only in tables of a few rows.
    while True:
        rows = np.sort(random.integers(defaulted.size, size=defaulted.size))
        if 0 < np.count_nonzero(defaulted[rows]) < defaulted.size:
            return rows


def _interval(name: str, value: float, resampled: NDArray[np.float64]) -> Interval:
    low, high = (float(end) for end in np.percentile(resampled, _TAILS))
    if name not in _INFLATED:
        return Interval(value, low, high)
    raised = max(float(resampled.mean()) - value, 0.0)
    return Interval(value, max(low - raised, 0.0), high - raised)
