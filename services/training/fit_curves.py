"""Fits a curve for each feature: a logistic regression on splines, its sum of splines being the curve.

Trees are good at steps and at what features do together; smooth curves of single features err elsewhere,
so that the sum of both ranks better than either: the campaign compares it with the trees alone.
Source: Eilers and Marx, Flexible Smoothing with B-splines and Penalties (1996), with a ridge as the penalty.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import SplineTransformer

from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.curves import Curve
from services.scorecard.performance import Defaulted
from services.training.constraints import direction
from services.training.fit_trees import Fitting

KNOTS: Final = 5
"""Of a spline: quantiles from 1 % to 99 %, beyond which the curve is level."""
DEGREE: Final = 2
POINTS_BETWEEN: Final = 8
"""Points of the curve from one knot to the next."""
FEW_VALUES: Final = 4
"""Up to so many different values, each has a level of its own."""
RARE: Final = 50
"""Rows below which a word, or a missing value, has no level of its own. Functions are scaled by their
deviation, so that the ridge would hold the level of a single row back as little as that of a thousand."""


class Shape(NamedTuple):
    """Functions of a feature that its curve is a sum of: lines through points."""

    points: NDArray[np.float64]
    """Rising, shape (points,)."""
    functions: NDArray[np.float64]
    """Values at the points, shape (points, functions)."""

    def read(self, column: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values of the functions, and whether one is missing, shape (rows, functions + 1).

        Missing values read 0; where they are too few for a level, the mean of the others, and not as missing.
        """
        missing = np.isnan(column)
        read = np.column_stack([np.interp(column, self.points, line) for line in self.functions.T])
        read[missing] = 0 if _has_level(missing) else read[~missing].mean(axis=0)
        return np.column_stack([read, missing & _has_level(missing)]).astype(np.float32)


def _has_level(missing: NDArray[np.bool_]) -> bool:
    return int(missing.sum()) >= RARE


def fit_curves(
    matrix: Matrix, defaulted: Defaulted, definitions: Sequence[FeatureDefinition], fitting: Fitting
) -> tuple[Curve, ...]:
    """Fit a curve for each column that has values, going the way that it must if fitting is constrained.

    Where fewer than RARE rows lack a value, lacking it is the average: 0.
    """
    shapes = [shape_of(column, definition) for column, definition in zip(matrix.T, definitions, strict=True)]
    told = [place for place, shape in enumerate(shapes) if shape.points.size]
    if not told:
        return ()
    ends = np.cumsum([shapes[place].functions.shape[1] + 1 for place in told])
    design, scales = np.empty((len(matrix), ends[-1]), dtype=np.float32), np.empty(ends[-1])
    for place, end in zip(told, ends, strict=True):
        read = shapes[place].read(matrix[:, place])
        part = slice(end - read.shape[1], end)
        deviation = read.std(axis=0, dtype=np.float64)
        # A function that is the same in all rows says nothing.
        scales[part] = np.where(deviation < np.finfo(np.float32).eps, np.inf, deviation)
        design[:, part] = (read - read.mean(axis=0, dtype=np.float64)) / scales[part]
    regression = LogisticRegression(C=1 / fitting.ridge, max_iter=1000).fit(design, defaulted)
    coefficients = np.split(regression.coef_[0].astype(np.float64) / scales, ends[:-1])
    return tuple(
        _curve(matrix[:, place], definitions[place], shapes[place], each, constrained=fitting.constrained)
        for place, each in zip(told, coefficients, strict=True)
    )


def shape_of(column: NDArray[np.float32], definition: FeatureDefinition) -> Shape:
    """Choose the functions for a feature by its values, shape (rows,); none where they tell nothing."""
    present = column[~np.isnan(column)].astype(np.float64)
    if definition.categories:
        counts = np.bincount(present.astype(np.intp), minlength=len(definition.categories))
        return _levels(np.arange(len(counts), dtype=np.float64), counts >= RARE)
    values = np.unique(present)
    if len(values) <= FEW_VALUES:
        return _levels(values, np.ones(len(values), dtype=np.bool_))
    knots = np.unique(np.quantile(present, np.linspace(0.01, 0.99, KNOTS)))
    if len(knots) == 1:
        # All but a few rows have one value: the curve leads from the least to the most.
        knots = values[[0, -1]]
    between = np.linspace(knots[:-1], knots[1:], POINTS_BETWEEN, endpoint=False, axis=1)
    points = np.append(between.ravel(), knots[-1])
    splines = SplineTransformer(degree=DEGREE, knots=knots[:, np.newaxis])
    return Shape(points, splines.fit_transform(points[:, np.newaxis]))


def _levels(values: NDArray[np.float64], common: NDArray[np.bool_]) -> Shape:
    """Return a function for each of the values that is common; the other ones have level 0."""
    return Shape(values if common.any() else np.empty(0), np.eye(len(values))[:, common])


def _curve(
    column: NDArray[np.float32],
    definition: FeatureDefinition,
    shape: Shape,
    coefficients: NDArray[np.float64],
    *,
    constrained: bool,
) -> Curve:
    log_odds, level = shape.functions @ coefficients[:-1], float(coefficients[-1])
    must_go = direction(definition) if constrained else 0
    if must_go:
        log_odds = isotonic_regression(log_odds, increasing=must_go > 0)
    missing, read = np.isnan(column), np.interp(column, shape.points, log_odds)
    if _has_level(missing):
        mean = np.where(missing, level, read).mean()
    else:
        level = mean = float(read[~missing].mean())
    return Curve(
        feature=definition.name,
        points=tuple(shape.points.tolist()),
        log_odds=tuple((log_odds - mean).tolist()),
        missing=float(level - mean),
    )
