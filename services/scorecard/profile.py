"""The reference profile: how features and scores were distributed when a model was trained."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from services.scorecard.catalogue import FeatureDefinition, Matrix

MOST_SINGLE_VALUES: Final = 12
"""Up to so many distinct numbers, each has a bin of its own; above, the bins are deciles."""
_DECILES: Final = np.arange(0.1, 0.95, 0.1)

Values = NDArray[np.floating] | NDArray[np.integer]


class Distribution(BaseModel):
    """Shares of the bins between edges. A value on an edge belongs to the bin above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    edges: tuple[float, ...]
    """Inner edges, rising; one fewer than there are bins."""
    labels: tuple[str, ...] = ()
    """For a category: the word of each bin."""
    shares: tuple[float, ...]
    """Of the values present, per bin; all 0 where none is."""
    missing: float
    """Share of rows without a value."""

    def measure(self, values: Values) -> "Distribution":
        """Return the distribution of other values in the same bins."""
        return _measure(self.name, np.asarray(self.edges), self.labels, values)


class ReferenceProfile(BaseModel):
    """Distributions of the monitored features and of the score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    features: tuple[Distribution, ...]
    score: Distribution


def reference_profile(
    matrix: Matrix,
    definitions: Sequence[FeatureDefinition],
    monitored: Sequence[str],
    scores: NDArray[np.integer],
) -> ReferenceProfile:
    """Profile the monitored features of a matrix whose columns are `definitions`, and the scores.

    Raises ValueError when a monitored feature is not a column.
    """
    names = [definition.name for definition in definitions]
    features = [_distribution(definitions[place], matrix[:, place]) for place in map(names.index, monitored)]
    score = _measure("score", _edges(scores), (), scores)
    return ReferenceProfile(rows=len(matrix), features=tuple(features), score=score)


def _distribution(definition: FeatureDefinition, values: Values) -> Distribution:
    categories = definition.categories
    between = np.arange(1, len(categories), dtype=np.float64) - 0.5
    edges = between if categories else _edges(values)
    return _measure(definition.name, edges, categories, values)


def _edges(values: Values) -> NDArray[np.float64]:
    present = values[~np.isnan(values)].astype(np.float64)
    distinct = np.unique(present)
    if distinct.size <= MOST_SINGLE_VALUES:
        halfway: NDArray[np.float64] = (distinct[1:] + distinct[:-1]) / 2
        return halfway
    deciles = np.unique(np.quantile(present, _DECILES))
    # Below the least value there is nothing to count.
    inner: NDArray[np.float64] = deciles[deciles > distinct[0]]
    return inner


def _measure(name: str, edges: NDArray[np.float64], labels: tuple[str, ...], values: Values) -> Distribution:
    present = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(edges, present, side="right"), minlength=len(edges) + 1)
    return Distribution(
        name=name,
        edges=tuple(edges.tolist()),
        labels=labels,
        shares=tuple((counts / max(present.size, 1)).tolist()),
        missing=1 - present.size / values.size if values.size else 0.0,
    )
