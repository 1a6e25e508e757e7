"""The columns of a drift report, and which of them cannot be compared: Evidently would fail as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.profile import Distribution

LEAST_REFERENCE_VALUES: Final = 2
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A feature's values on both sides, NaN where missing."""

    feature: Distribution
    reference: Values
    """Shape (reference rows,)."""
    current: Values
    """Shape (rows,)."""

    @property
    def name(self) -> str:
        """The feature's name."""
        return self.feature.name


def columns_of(reference: Matrix, current: Matrix, features: Sequence[Distribution]) -> list[Column]:
    """Return a column per feature. Raises ValueError when a matrix has not one column for each of them."""
    for name, matrix in (("reference", reference), ("window", current)):
        if matrix.shape[1:] != (len(features),):
            raise ValueError(
                f"the {name} has the shape {matrix.shape}, and {len(features)} features are monitored: "
                "its columns must be those of the reference profile"
            )
    # Sums of 10,000 float32 would lose digits.
    before, now = (matrix.T.astype(np.float64) for matrix in (reference, current))
    return [Column(*sides) for sides in zip(features, before, now, strict=True)]


def present(values: Values) -> Values:
    """Return the values that are not missing."""
    return values[~np.isnan(values)]


def why_set_aside(column: Column, least_values: int) -> str | None:
    """Say why a column cannot be compared; None where it can."""
    before, now = present(column.reference), present(column.current)
    if before.size < LEAST_REFERENCE_VALUES:
        return f"{_values(before.size)} in the reference, and at least {LEAST_REFERENCE_VALUES} are needed"
    if not now.size:
        return "it is missing in every row of the window"
    if now.size < least_values:
        return f"{_values(now.size)} in the window, and at least {least_values} are needed"
    if np.ptp(before) == 0 and np.ptp(now) == 0 and before[0] == now[0]:
        return "it has one and the same value in the reference and in the window"
    return None


def _values(count: int) -> str:
    return f"it has {count or 'no'} value{'' if count == 1 else 's'}"
