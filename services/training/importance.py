"""What features do to a model's log-odds, by exact Shapley values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.booster import contributions_of
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.training.fit import Fitted

EXPLAINED_ROWS: Final = 4000
"""At most so many rows are explained: a mean over them has an error of 2 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Contributions of features to the log-odds of a sample of rows."""

    definitions: tuple[FeatureDefinition, ...]
    values: Matrix
    """Shape (rows, features)."""
    contributions: NDArray[np.float64]
    """Calibrated log-odds of default, shape (rows, features)."""

    def shares(self) -> dict[str, float]:
        """Each feature's share of all absolute contributions, the highest first, without those of none."""
        sizes = np.abs(self.contributions).mean(axis=0)
        total = sizes.sum()
        shares = {
            definition.name: float(size / total)
            for definition, size in zip(self.definitions, sizes, strict=True)
            if size > 0
        }
        return dict(sorted(shares.items(), key=lambda share: (-share[1], share[0])))


def influence(
    fitted: Fitted, matrix: Matrix, definitions: Sequence[FeatureDefinition], *, slope: float, seed: int
) -> Influence:
    """Explain a sample of the rows of the matrix that a model was fitted on; `slope` is the calibration's.

    Trees are explained by TreeSHAP; a curve is its own Shapley value, since it stands alone. Source: Lundberg
    and Lee, A Unified Approach to Interpreting Model Predictions (2017).
    """
    rows = np.random.default_rng(seed).permutation(len(matrix))[:EXPLAINED_ROWS]
    values = np.ascontiguousarray(matrix[np.sort(rows)][:, fitted.places])
    _, curves = fitted.reader().explain(values)
    contributions = slope * (contributions_of(fitted.booster, values) + curves)
    return Influence(tuple(definitions[place] for place in fitted.places), values, contributions)
