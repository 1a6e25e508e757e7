"""From odds to points."""

from math import log
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.contracts.events import HIGHEST_SCORE, LOWEST_SCORE
from services.scorecard.calibration import LogOdds


class ScoreScale(BaseModel):
    """Points = base_score + points_to_double / ln 2 * ln(odds of repayment / base_odds), 300 to 850.

    Source: Siddiqi, Credit Risk Scorecards (2006), chapter 6, "Scorecard scaling".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_score: Annotated[float, Field(ge=LOWEST_SCORE, le=HIGHEST_SCORE)] = 600
    base_odds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10
    """Good loans per bad loan at the base score."""
    points_to_double: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 50
    """Points that double the odds."""

    def points(self, log_odds: LogOdds) -> NDArray[np.int64]:
        """Whole points of log-odds of default; more is safer."""
        points = self.base_score - self.points_to_double / log(2) * (log_odds + log(self.base_odds))
        return np.rint(np.clip(points, LOWEST_SCORE, HIGHEST_SCORE)).astype(np.int64)
