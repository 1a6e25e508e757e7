"""The reference profile: how features and scores were distributed when a model was trained."""

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scorecard.catalogue import FeatureDefinition, Matrix

MOST_SINGLE_VALUES: Final = 12
"""Up to so many distinct numbers, each has a bin of its own; above, bins hold equally many rows."""
BINS: Final = 200
"""With their means, they tell a Wasserstein distance to 0.001 of the standard deviation (measured)."""
_FEWEST_EDGES: Final = 2
MOST_BINS: Final = 500
"""That are read. Training makes BINS, or one for each word of a category; what chance makes of a feature is
worked out in 60 kB for each."""
MOST_MONITORED: Final = 100
"""Features that are read. Training chooses 20; each tick compares all of them, in each window."""
LONGEST_NAME: Final = 200
"""Characters. Each tick writes all names, in each window."""
REFERENCE_ROWS: Final = 10_000
"""Distances from so many rows are uncertain by 0.005 of the standard deviation, and they take 0.8 MB."""

Values = NDArray[np.floating] | NDArray[np.integer]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class Distribution(BaseModel):
    """Shares of the bins between edges. A value on an edge belongs to the bin above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    definition: Name = ""
    """Hash of the feature's definition, as vectors are described; the score has none."""
    edges: tuple[Finite, ...]
    """Inner edges, rising; one fewer than there are bins."""
    labels: tuple[Name, ...] = ()
    """For a category: the word of each bin."""
    shares: Annotated[
        tuple[Annotated[Finite, Field(ge=0, le=1)], ...], Field(min_length=1, max_length=MOST_BINS)
    ]
    """Of the values present, per bin; all 0 where none is."""
    means: tuple[Finite, ...]
    """Mean value of each bin; where it is empty, that of its place among the others."""
    missing: Finite
    """Share of rows without a value."""
    deviation: Finite
    """Standard deviation of the values present; 0 where none is."""
    lowest: Finite | None
    highest: Finite | None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        bins = len(self.shares)
        if len(self.edges) != bins - 1 or len(self.means) != bins or len(self.labels) not in (0, bins):
            raise ValueError(f"edges, means, labels: must be {bins - 1}, {bins}, and {bins} or none")
        return self


class ReferenceProfile(BaseModel):
    """Distributions of the monitored features and of the score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    features: Annotated[tuple[Distribution, ...], Field(max_length=MOST_MONITORED)]
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


def reference_rows(matrix: Matrix, names: Sequence[str], monitored: Sequence[str], *, seed: int) -> bytes:
    """Return at most REFERENCE_ROWS rows of the monitored features, in numpy's format.

    `names` are those of the matrix's columns. Raises ValueError when a monitored feature is not a column.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(matrix))[:REFERENCE_ROWS])
    content = BytesIO()
    np.save(content, np.ascontiguousarray(matrix[rows][:, [names.index(name) for name in monitored]]))
    return content.getvalue()


def _distribution(definition: FeatureDefinition, values: Values) -> Distribution:
    categories = definition.categories
    between = np.arange(1, len(categories), dtype=np.float64) - 0.5
    edges = between if categories else _edges(values)
    found = _measure(definition.name, edges, categories, values)
    return found.model_copy(update={"definition": definition.described().definition})


def _edges(values: Values) -> NDArray[np.float64]:
    present = values[~np.isnan(values)].astype(np.float64)
    distinct = np.unique(present)
    if distinct.size <= MOST_SINGLE_VALUES:
        halfway: NDArray[np.float64] = (distinct[1:] + distinct[:-1]) / 2
        return halfway
    quantiles = np.unique(np.quantile(present, np.arange(1, BINS) / BINS))
    # Below the least value there is nothing to count.
    inner: NDArray[np.float64] = quantiles[quantiles > distinct[0]]
    if inner.size < _FEWEST_EDGES:
        # Nearly all rows have one value: bins by rows would not see any other.
        inner = np.unique(np.quantile(distinct, np.arange(1, BINS) / BINS))
    return inner


def _measure(name: str, edges: NDArray[np.float64], labels: tuple[str, ...], values: Values) -> Distribution:
    present = values[~np.isnan(values)].astype(np.float64)
    bins = np.searchsorted(edges, present, side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    sums = np.bincount(bins, weights=present, minlength=len(edges) + 1)
    ends = np.concatenate([edges[:1], edges, edges[-1:]]) if edges.size else np.zeros(2)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), (ends[1:] + ends[:-1]) / 2)
    return Distribution(
        name=name,
        edges=tuple(edges.tolist()),
        labels=labels,
        shares=tuple((counts / max(present.size, 1)).tolist()),
        means=tuple(means.tolist()),
        missing=1 - present.size / values.size if values.size else 0.0,
        deviation=float(present.std()) if present.size else 0.0,
        lowest=float(present.min()) if present.size else None,
        highest=float(present.max()) if present.size else None,
    )
