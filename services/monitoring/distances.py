"""How far a window is from the reference profile, from counts alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.monitoring.feature_tally import FeatureCounts
from services.monitoring.summary import Statistic
from services.scorecard.profile import Distribution

Numbers = NDArray[np.float64]
FEW_VALUES: Final = 5
"""Up to so many values in the reference, a number is compared as categories are, as Evidently does."""
LEAST_DEVIATION: Final = 0.001
"""A smaller deviation would make a distance of nothing: so does Evidently."""
LEAST_SHARE: Final = 1e-4
"""Stands for an empty bin, whose logarithm would be infinite."""
PARTS: Final = 10
"""Of the reference, by equal shares, that PSI is told over."""


def statistic_of(reference: Distribution) -> Statistic:
    """Return which distance is told of a feature: the one that Evidently chooses above 1,000 rows."""
    different = sum(share > 0 for share in reference.shares)
    return "jensen_shannon" if reference.labels or different <= FEW_VALUES else "normed_wasserstein"


def distance(reference: Distribution, counts: FeatureCounts) -> float | None:
    """Return the distance of the values present; None where the reference or the window has none."""
    if not counts.counts.sum() or not any(reference.shares):
        return None
    return float(distances(reference, counts.counts, counts.sums))


def distances(reference: Distribution, counts: Numbers, sums: Numbers) -> Numbers:
    """Return the distance of each window, from counts and sums of its bins, shape (windows..., bins)."""
    if statistic_of(reference) == "jensen_shannon":
        return jensen_shannon(reference, counts)
    return normed_wasserstein(reference, counts, sums)


def jensen_shannon(reference: Distribution, counts: Numbers) -> Numbers:
    """Return the distance between shares of bins: 0 where they are the same, at most the root of log 2.

    Written out, as to import SciPy, which has it, takes a quarter of the service's start. Source: Endres and
    Schindelin, A New Metric for Probability Distributions (2003).
    """
    shares = np.array(reference.shares)
    before, now = shares / shares.sum(), counts / counts.sum(axis=-1, keepdims=True)
    middle = (before + now) / 2
    divergence = (_relative_entropy(before, middle) + _relative_entropy(now, middle)) / 2
    found: Numbers = np.sqrt(np.maximum(divergence, 0.0))
    return found


def _relative_entropy(shares: Numbers, others: Numbers) -> Numbers:
    ratios = np.divide(shares, others, out=np.ones_like(others), where=shares > 0)
    found: Numbers = np.sum(shares * np.log(ratios), axis=-1)
    return found


def normed_wasserstein(reference: Distribution, counts: Numbers, sums: Numbers) -> Numbers:
    """Return the distance between the means of bins, in standard deviations of the reference.

    Values lie next to the mean of their bin, and what a bin's own spread adds is the same on both sides, so
    that with 200 bins the distance is that of the values to 0.001 (measured on real applications). Where one
    value in two thousand is a hundred times as high as the others, their common bin overstates it by 0.02.
    Source: Ramdas et al., On Wasserstein Two-Sample Testing and Related Families (2017), section 4.
    """
    shares, means = (np.broadcast_to(each, counts.shape) for each in (reference.shares, reference.means))
    now = np.where(counts > 0, sums / np.maximum(counts, 1), means)
    places = np.concatenate([means, now], axis=-1)
    weights = np.concatenate([shares, -counts / counts.sum(axis=-1, keepdims=True)], axis=-1)
    order = np.argsort(places, kind="stable", axis=-1)
    gaps = np.abs(np.cumsum(np.take_along_axis(weights, order, -1), axis=-1))[..., :-1]
    steps = np.diff(np.take_along_axis(places, order, -1), axis=-1)
    found: Numbers = np.sum(gaps * steps, axis=-1) / max(reference.deviation, LEAST_DEVIATION)
    return found


def stability_index(reference: Distribution, counts: NDArray[np.float64]) -> float | None:
    """Return the population stability index of counts in the bins of the reference; None without rows.

    Source: Siddiqi, Credit Risk Scorecards (2006), chapter 9: 0.1 is worth a look, 0.25 is a shift.
    """
    shares = np.array(reference.shares)
    if not counts.sum() or not shares.sum():
        return None
    part = part_of_bins(reference)
    expected = np.maximum(np.bincount(part, shares / shares.sum()), LEAST_SHARE)
    actual = np.maximum(np.bincount(part, counts / counts.sum()), LEAST_SHARE)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def part_of_bins(reference: Distribution) -> NDArray[np.intp]:
    """Tell which part of equal share the middle of each bin lies in; few bins are parts of their own.

    So are the words of a category, which have no neighbours to be one with. Parts are numbered without gaps:
    a bin with more than a tenth of the rows leaves fewer of them.
    """
    shares = np.array(reference.shares)
    if reference.labels or len(shares) <= PARTS:
        return np.arange(len(shares))
    middle = (np.cumsum(shares) - shares / 2) / shares.sum()
    _, parts = np.unique(np.minimum((middle * PARTS).astype(np.intp), PARTS - 1), return_inverse=True)
    return parts
