"""Counts of the monitored features in the bins of the reference profile; any two can be added."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.profile import Distribution, ReferenceProfile

Tally = NDArray[np.float64]
"""Counts and sums; what stands where, a layout says. Tallies of one layout are added as they are."""
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
        """Count rows of the monitored features; `unknown` tells cells with an unknown word, same shape."""
        parts = [
            self._count(feature, edges, values, words)
            for feature, edges, values, words in zip(
                self.profile.features, self._edges, matrix.T.astype(np.float64), unknown.T, strict=True
            )
        ]
        return np.concatenate([np.array([float(len(matrix))]), *parts])

    def _count(
        self,
        feature: Distribution,
        edges: NDArray[np.float64],
        values: NDArray[np.float64],
        unknown: NDArray[np.bool_],
    ) -> Tally:
        present = values[~np.isnan(values)]
        bins = np.searchsorted(edges, present, side="right")
        outside = 0
        if feature.lowest is not None and feature.highest is not None:
            outside = int(np.count_nonzero((present < feature.lowest) | (present > feature.highest)))
        return np.concatenate(
            [
                np.bincount(bins, minlength=len(edges) + 1),
                np.bincount(bins, weights=present, minlength=len(edges) + 1),
                [len(values) - len(present), np.count_nonzero(unknown), outside],
            ]
        )

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
