"""Fits all that ranks applicants: the features that count, curves of each, and trees on all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xgboost
from numpy.typing import NDArray

from services.scorecard.booster import margins_of
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.curves import Curve, CurveReader
from services.scorecard.performance import Defaulted
from services.training.constraints import direction, unambiguous
from services.training.fit_curves import fit_curves
from services.training.fit_trees import Fitting, Growing, strongest


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What ranks applicants, before it is calibrated."""

    places: NDArray[np.intp]
    """Columns that it reads of the matrix that it was fitted on, in the booster's order."""
    names: tuple[str, ...]
    """Of the features at those places."""
    curves: tuple[Curve, ...]
    booster: xgboost.Booster

    def margins(self, matrix: Matrix, trees: int = 0) -> NDArray[np.float64]:
        """Log-odds of default before calibration, shape (rows,), by the first so many trees or by all.

        Trees and curves each estimate the log-odds; calibration undoes the doubling of their sum.
        """
        read = np.ascontiguousarray(matrix[:, self.places])
        return margins_of(self.booster, read, trees) + self.reader().margins(read)

    def reader(self) -> CurveReader:
        """Return the curves over the columns at `places`, each column being a group of its own."""
        return _reader(self.curves, self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """A model whose features are chosen and whose curves are fitted, and where its trees grow."""

    places: NDArray[np.intp]
    names: tuple[str, ...]
    curves: tuple[Curve, ...]
    growing: Growing

    def fitted(self) -> Fitted:
        """Return the model with the trees that have grown."""
        return Fitted(self.places, self.names, self.curves, self.growing.booster)

    def reader(self) -> CurveReader:
        """Return the curves as those of a Fitted are read."""
        return _reader(self.curves, self.names)


def plant(
    matrix: Matrix, defaulted: Defaulted, definitions: Sequence[FeatureDefinition], fitting: Fitting
) -> Planted:
    """Choose features of the matrix, whose columns are `definitions`, and fit the curves of each."""
    allowed = unambiguous(definitions) if fitting.constrained else np.arange(len(definitions))
    places = allowed[strongest(matrix[:, allowed], defaulted, fitting)]
    chosen = [definitions[place] for place in places]
    directions = [direction(definition) if fitting.constrained else 0 for definition in chosen]
    columns = np.ascontiguousarray(matrix[:, places])
    names = tuple(definition.name for definition in chosen)
    curves = fit_curves(columns, defaulted, chosen, fitting) if fitting.curved else ()
    return Planted(places, names, curves, Growing(columns, defaulted, fitting, directions))


def fit(
    matrix: Matrix,
    defaulted: Defaulted,
    definitions: Sequence[FeatureDefinition],
    fitting: Fitting,
    trees: int | None = None,
) -> Fitted:
    """Fit a model with so many trees, or `fitting.trees`. The same arguments give the same bytes."""
    planted = plant(matrix, defaulted, definitions, fitting)
    planted.growing.grow(fitting.trees if trees is None else trees)
    return planted.fitted()


def _reader(curves: tuple[Curve, ...], names: tuple[str, ...]) -> CurveReader:
    return CurveReader(curves, names, np.arange(len(names)))
