"""The evidence for a model: how it did on rows that it had not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs
from services.scorecard.calibration import Calibration, LogOdds, probabilities_of
from services.scorecard.performance import Defaulted, quality
from services.training.calibrate import calibrators_compared, platt
from services.training.errors import NothingLearntError
from services.training.out_of_fold import OutOfFold
from services.training.threshold import CostCurve, cost_curve


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """How a model did on rows that it was fitted without; with repeated folds, a row stands repeatedly."""

    defaulted: Defaulted
    log_odds: LogOdds
    """Calibrated."""
    calibration: Calibration
    cost_curve: CostCurve
    metrics: Mapping[str, float]


def judge(unseen: OutOfFold, costs: Costs) -> Evidence:
    """Calibrate margins of unseen rows, choose the threshold that costs least, and measure both.

    Raises NothingLearntError when the margins rank no better than chance.
    """
    aucs = unseen.fold_aucs()
    if aucs.mean() <= best_auc_by_chance(unseen.defaulted[0]):
        raise NothingLearntError
    defaulted, margins = unseen.defaulted.ravel(), unseen.margins.ravel()
    calibration = platt(margins, defaulted)
    log_odds = calibration.log_odds(margins)
    calibrated = probabilities_of(log_odds)
    curve = cost_curve(defaulted, calibrated, costs)
    metrics = quality(defaulted, calibrated, curve.best_threshold(), costs)
    repeats = len(unseen.defaulted)
    metrics |= _over_folds("auc", aucs, repeats)
    metrics |= _over_folds("business_score", unseen.fold_business_scores(costs), repeats)
    metrics |= calibrators_compared(unseen.margins[0], unseen.defaulted[0], unseen.folds[0])
    metrics |= {"trees": unseen.trees, "repeats": repeats}
    return Evidence(defaulted, log_odds, calibration, curve, metrics)


def best_auc_by_chance(defaulted: Defaulted) -> float:
    """Return the AUC that random margins exceed in one of forty cases.

    Source: the variance of the statistic of Mann and Whitney, On a Test of Whether One of Two Random
    Variables is Stochastically Larger than the Other (1947); AUC is that statistic as a share.
    """
    rows, bad = len(defaulted), int(defaulted.sum())
    return 0.5 + 1.96 * sqrt((rows + 1) / (12 * bad * (rows - bad)))


def _over_folds(name: str, scores: NDArray[np.float64], repeats: int) -> dict[str, float]:
    # Folds of further repeats make the mean steadier, but they are no further rows.
    error = float(scores.std(ddof=1) / sqrt(len(scores) / repeats))
    return {f"{name}_mean_of_folds": float(scores.mean()), f"{name}_standard_error": error}
