"""Counts of the monitored features in the bins of the reference profile; any two can be added."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.monitoring.tally import Additions, Tally
from services.scorecard.catalogue import Matrix
from services.scorecard.profile import Distribution, ReferenceProfile

_BESIDE = 3
"""Numbers of a feature beside its bins: missing, unknown, outside."""


class FeatureCounts(NamedTuple):
    """A feature's part of a tally."""

    counts: NDArray[np.float64]
    """Values in each bin of the reference, shape (bins,)."""
    sums: NDArray[np.float64]
    """Sum of the values in each bin, same shape."""
    missing: float
    """Rows without a value."""
    unknown: float
    """Rows with a word that the catalogue does not know; they count as missing too."""
    outside: float
    """Values below or above all of the reference; they count in the bins at the ends."""


@dataclass(frozen=True)
class FeatureLayout:
    """Where the counts of each monitored feature stand in a tally; rows come first."""

    profile: ReferenceProfile

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The monitored features, in the profile's order."""
        return tuple(feature.name for feature in self.profile.features)

    @cached_property
    def _edges(self) -> list[NDArray[np.float64]]:
        return [np.array(feature.edges) for feature in self.profile.features]

    @cached_property
    def size(self) -> int:
        """Numbers in a tally."""
        return 1 + sum(2 * len(feature.shares) + _BESIDE for feature in self.profile.features)

    def empty(self) -> Tally:
        """Return the tally of no rows."""
        return np.zeros(self.size)

    def count(self, matrix: Matrix, unknown: NDArray[np.bool_]) -> Tally:
        """Return the tally of rows, as `additions` takes them."""
        return self.additions(matrix, unknown).all()

    def additions(self, matrix: Matrix, unknown: NDArray[np.bool_]) -> Additions:
        """Tell what rows of the monitored features add; `unknown`, same shape, tells unknown words.

        A row adds itself; each cell to its bin 1 and its value, or 1 to the missing; and what else it is.
        """
        values = matrix.T.astype(np.float64)
        missing, everywhere = np.isnan(values), np.ones(values.shape)
        bins = np.empty(values.shape, dtype=np.intp)
        for place, edges in enumerate(self._edges):
            bins[place] = np.searchsorted(edges, values[place], side="right")
        counts, sums, beside = self._starts
        places = [counts + bins, sums + bins, everywhere * (beside + 1), everywhere * (beside + 2)]
        for each in places[:2]:
            np.copyto(each, beside, where=missing)
        lowest, highest = self._range
        outside = (values < lowest) | (values > highest)
        amounts = [everywhere, np.where(missing, 0, values), unknown.T, outside]
        row = np.ones((1, len(matrix)))
        return Additions(
            self.size,
            np.concatenate([0 * row, *places]).T.astype(np.intp, order="C"),
            np.concatenate([row, *amounts]).T.astype(np.float64, order="C"),
        )

    @cached_property
    def _starts(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Where each feature's counts, its sums, and what is beside its bins begin; shape (features, 1)."""
        shares = [len(feature.shares) for feature in self.profile.features]
        bins = np.array(shares, dtype=np.intp).reshape(-1, 1)
        ends = 1 + np.cumsum(2 * bins + _BESIDE, axis=0)
        beside = ends - _BESIDE
        return beside - 2 * bins, beside - bins, beside

    @cached_property
    def _range(self) -> NDArray[np.float64]:
        """Lowest and highest values of the reference, shape (2, features, 1); NaN where there are none."""
        ends = [(feature.lowest, feature.highest) for feature in self.profile.features]
        return np.array(ends, dtype=np.float64).reshape(-1, 2).T[:, :, None]

    def rows(self, tally: Tally) -> int:
        """Return how many rows were counted."""
        return int(tally[0])

    def parts(self, tally: Tally) -> Iterator[tuple[Distribution, FeatureCounts]]:
        """Yield each feature's distribution in the reference, and its counts in a tally."""
        start = 1
        for feature in self.profile.features:
            bins = len(feature.shares)
            end = start + 2 * bins
            missing, unknown, outside = tally[end : end + _BESIDE].tolist()
            yield (
                feature,
                FeatureCounts(
                    tally[start : start + bins], tally[start + bins : end], missing, unknown, outside
                ),
            )
            start = end + _BESIDE
