"""How far two models are apart on the same rows, and how much of that is chance: a paired bootstrap.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13, percentile intervals. Both
models are measured on the same drawn rows, so that what makes a draw hard for both is no difference. Draws
repeat rows, which adds to a calibration error: each interval is moved so that its middle is the difference
on the rows themselves.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs
from services.scorecard.performance import (
    Defaulted,
    Probabilities,
    business_score,
    expected_calibration_error,
)

Metric = Literal["auc", "business_score", "expected_calibration_error"]
METRICS: Final[tuple[Metric, ...]] = ("auc", "business_score", "expected_calibration_error")
CONFIDENCE: Final = 0.975
"""Of each interval: AUC and business score can both promote, so that each gets half of 5 % to err."""
SEED: Final = 20_260_115
"""Of the draws: one for all campaigns, so that no other seed makes another verdict."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One model on rows that it has not seen."""

    probabilities: Probabilities
    """Calibrated, shape (rows,)."""
    threshold: float
    """Probability of default from which it refuses."""
    golden: float | str
    """Seconds per row on the golden applications, or why they could not be scored."""


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """A metric of both models, and candidate minus champion with what draws make of it."""

    metric: Metric
    candidate: float
    champion: float
    low: float
    """Lower end of the interval."""
    high: float

    @property
    def value(self) -> float:
        """Candidate minus champion."""
        return self.candidate - self.champion

    @property
    def within_noise(self) -> bool:
        """Whether rows drawn again could as well have told that there is no difference."""
        return self.low <= 0 <= self.high


def differences(
    defaulted: Defaulted, candidate: Judged, champion: Judged, *, costs: Costs, rounds: int
) -> dict[Metric, PairedDifference]:
    """Compare two models on the same rows, with each class drawn by itself; the same figures each time."""
    random = np.random.default_rng(SEED)
    classes = (np.flatnonzero(defaulted), np.flatnonzero(~defaulted))
    models = [_Ranked.of(defaulted, model, costs) for model in (candidate, champion)]
    every = np.ones(len(defaulted), dtype=np.intp)
    found = [model.measure(every) for model in models]
    drawn = np.empty((rounds, len(METRICS)))
    for draw in drawn:
        rows = np.concatenate([random.choice(rows, rows.size) for rows in classes])
        times = np.bincount(rows, minlength=len(defaulted))
        draw[:] = models[0].measure(times) - models[1].measure(times)
    ends = np.quantile(drawn, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2), axis=0)
    low, high = ends + (found[0] - found[1] - drawn.mean(axis=0))
    return {
        metric: PairedDifference(metric, *(float(figure[place]) for figure in (*found, low, high)))
        for place, metric in enumerate(METRICS)
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """A model's rows by rising probability: sorted once, since a draw keeps the order."""

    order: Rows
    defaulted: Defaulted
    probabilities: Probabilities
    levels: Rows
    """Rank of each probability; equal ones share it."""
    refused: NDArray[np.bool_]
    costs: Costs

    @classmethod
    def of(cls, defaulted: Defaulted, model: Judged, costs: Costs) -> "_Ranked":
        order = np.argsort(model.probabilities, kind="stable")
        probabilities = model.probabilities[order]
        levels = np.unique(probabilities, return_inverse=True)[1]
        refused = probabilities >= model.threshold
        return cls(order, defaulted[order], probabilities, levels, refused, costs)

    def measure(self, times: Rows) -> NDArray[np.float64]:
        """Return the METRICS where each row of the table stands so many times."""
        rows = np.repeat(np.arange(len(self.order)), times[self.order])
        defaulted = self.defaulted[rows]
        return np.array(
            [
                _auc(defaulted, self.levels[rows]),
                business_score(defaulted, self.refused[rows], self.costs),
                expected_calibration_error(defaulted, self.probabilities[rows]),
            ]
        )


def _auc(defaulted: Defaulted, levels: Rows) -> float:
    """Share of pairs of a defaulter and a good client in which the defaulter ranks higher; ties are half."""
    good = np.bincount(levels[~defaulted], minlength=int(levels.max()) + 1)
    below = np.cumsum(good) - good / 2
    return float(below[levels[defaulted]].mean() / good.sum())
