"""How far windows lie from the reference profile by chance, so that a small one raises no alarm."""

from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from services.monitoring.distances import distances
from services.scorecard.profile import Distribution

DRAWN_ROWS: Final = 1000
DRAWN: Final = 500
FALSE_ALARM: Final = 0.001
"""Chance that any of all monitored features counts as drifted where nothing has changed. Measured on
20 columns of applications: 0.002, as the tail of a Wasserstein distance is somewhat longer still."""


def noise_of(reference: Distribution, monitored: int, *, seed: int = 0) -> float:
    """Return the distance of DRAWN_ROWS rows that chance exceeds in FALSE_ALARM / `monitored` cases.

    It is drawn from the reference itself, and its tail taken as that of a gamma distribution: distances are
    skewed, and a normal tail would be exceeded eighty times as often. Dividing by the number of features is
    Bonferroni's correction: twenty looks at once are twenty chances to err.
    """
    shares = np.array(reference.shares)
    if np.count_nonzero(shares) < 2:  # noqa: PLR2004 - one value is always the same
        return 0.0
    random, means = np.random.default_rng(seed), np.array(reference.means)
    draws = random.multinomial(DRAWN_ROWS, shares / shares.sum(), size=DRAWN).astype(np.float64)
    found = distances(reference, draws, draws * means)
    mean, variance = float(np.mean(found)), float(np.var(found))
    return _exceeded_in(FALSE_ALARM / monitored, mean, variance)


def _exceeded_in(chance: float, mean: float, variance: float) -> float:
    """Return what a gamma distribution exceeds with a small chance, or 0.1 to 6 % more.

    Source: Wilson and Hilferty, The Distribution of Chi-Square (1931): its cube root is nearly normal. The
    exact number is SciPy's to tell, whose import takes a quarter of the service's start.
    """
    spread = variance / (9 * mean**2)
    return mean * float(1 - spread + NormalDist().inv_cdf(1 - chance) * sqrt(spread)) ** 3


def noise_at(noise: float, values: float) -> float:
    """Return the noise of so many values: it falls with their square root."""
    return noise * float(np.sqrt(DRAWN_ROWS / values))
