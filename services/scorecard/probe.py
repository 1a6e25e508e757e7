"""The probe: invented rows, and what XGBoost gave for them when the model was trained."""

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.contracts.vector import unpack
from services.scorecard.catalogue import Matrix


class Expected(NamedTuple):
    """A probe's numbers."""

    matrix: Matrix
    """Rows in the booster's column order, shape (rows, features)."""
    margins: NDArray[np.float32]
    """Shape (rows,)."""
    contributions: NDArray[np.float32]
    """What each feature adds to the margin, shape (rows, features)."""


class Probe(BaseModel):
    """What a bundle proves itself with. Texts hold float32 numbers as a FeaturesComputed's vector does.

    Contributions are kept by feature, so that they stay right when features are grouped otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_margin: Annotated[float, Field(allow_inf_nan=False)]
    """Log-odds that the trees add to: a float32."""
    rows: Annotated[tuple[str, ...], Field(min_length=1)]
    margins: str
    contributions: tuple[str, ...]

    def expected(self, features: int) -> Expected:
        """Unpack a probe of so many features. Raises ValueError when the numbers do not fit."""
        matrix, contributions = unpack(self.rows, features), unpack(self.contributions, features)
        if len(contributions) != len(matrix):
            raise ValueError(f"contributions: must be of {len(matrix)} rows, not of {len(contributions)}")
        return Expected(matrix, unpack([self.margins], len(matrix))[0], contributions)
