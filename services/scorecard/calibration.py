"""From a model's margin to a probability of default."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

LogOdds = NDArray[np.float64]
"""Natural logarithm of the odds of default, shape (rows,)."""


class Calibration(BaseModel):
    """Platt's scaling: log-odds = slope * margin + intercept.

    Source: Platt, Probabilistic Outputs for Support Vector Machines (1999). The slope is positive, so
    that a calibrated model ranks applicants as it did before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    intercept: Annotated[float, Field(allow_inf_nan=False)] = 0.0

    def log_odds(self, margins: NDArray[np.floating]) -> LogOdds:
        """Calibrated log-odds of default of a model's margins."""
        return self.slope * margins.astype(np.float64) + self.intercept


def probabilities_of(log_odds: LogOdds) -> NDArray[np.float64]:
    """Probabilities of log-odds, without overflow at either end."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)
