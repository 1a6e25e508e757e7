"""Curves: what each feature by itself adds to a model's margin, beside its trees."""

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scorecard.catalogue import Matrix
from services.scorecard.lines import Lines
from services.scorecard.tree_kernel import sum_in_order

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Curve(BaseModel):
    """A line through points: log-odds of default by the value of one feature, level beyond both ends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature: str
    points: Annotated[tuple[Finite, ...], Field(min_length=1)]
    """Values of the feature, rising."""
    log_odds: Annotated[tuple[Finite, ...], Field(min_length=1)]
    """At the points; the mean over the training rows is 0."""
    missing: Finite
    """Log-odds where there is no value."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.points) != len(self.log_odds):
            raise ValueError(f"log_odds: must be {len(self.points)} numbers, one for each point")
        if any(np.diff(self.points) <= 0):
            raise ValueError("points: must rise")
        return self


class CurveReader:
    """Reads curves off a matrix: some 2 us a row for 80 curves, 15 us for a row alone."""

    def __init__(self, curves: Sequence[Curve], features: Sequence[str], groups: NDArray[np.intp]) -> None:
        """Take the names and the groups of a matrix's columns, shape (features,).

        Raises ValueError when a curve is of no column.
        """
        absent = sorted({curve.feature for curve in curves} - set(features))
        if absent:
            raise ValueError(f"curves: of features that the model does not have: {', '.join(absent)}")
        places = np.array([features.index(curve.feature) for curve in curves], dtype=np.intp)
        order = np.argsort(groups[places], kind="stable").tolist()
        self._places = places[order]
        self._lines = Lines([(curves[each].points, curves[each].log_odds) for each in order])
        self._missing = np.array([curves[each].missing for each in order])[:, np.newaxis]
        self._groups, self._starts = np.unique(groups[self._places], return_index=True)
        self._all_groups = int(groups.max()) + 1

    def margins(self, matrix: Matrix) -> NDArray[np.float64]:
        """Sum of all curves, shape (rows,); the same for a row alone as in a batch."""
        return sum_in_order(np.float64(0), self._read(matrix))

    def explain(self, matrix: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sum of all curves, shape (rows,), and of each group's, shape (rows, groups)."""
        read = self._read(matrix)
        by_group = np.zeros((len(matrix), self._all_groups))
        by_group[:, self._groups] = np.add.reduceat(read, self._starts, axis=0).T
        return sum_in_order(np.float64(0), read), by_group

    def _read(self, matrix: Matrix) -> NDArray[np.float64]:
        values = matrix.T[self._places].astype(np.float64)
        return np.where(np.isnan(values), self._missing, self._lines.read(values))
