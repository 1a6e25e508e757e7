"""Platt's scaling finds what was put in."""

import numpy as np
import pytest

from services.scorecard.calibration import Calibration, probabilities_of
from services.training.calibrate import calibrators_compared, platt
from services.training.errors import NothingLearntError


def test_slope_and_intercept_are_found() -> None:
    random = np.random.default_rng(3)
    margins = random.normal(-2, 1, 200_000)
    truth = Calibration(slope=0.7, intercept=-0.4)
    defaulted = random.random(margins.size) < probabilities_of(truth.log_odds(margins))
    found = platt(margins, defaulted)
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(-0.4, abs=0.06)


def test_calibrated_probabilities_sum_to_the_defaults() -> None:
    random = np.random.default_rng(4)
    margins = random.normal(0, 2, 5000)
    defaulted = random.random(margins.size) < 0.08 + 0.1 * (margins > 1)
    probabilities = probabilities_of(platt(margins, defaulted).log_odds(margins))
    assert probabilities.sum() == pytest.approx(defaulted.sum(), abs=2)


def test_margins_that_separate_the_classes_stay_finite() -> None:
    margins = np.linspace(-3, 3, 100)
    probabilities = probabilities_of(platt(margins, margins > 0).log_odds(margins))
    assert 0 < probabilities.min() < 0.05
    assert 0.95 < probabilities.max() < 1


def test_margins_against_the_defaults_are_an_error() -> None:
    margins = np.linspace(-3, 3, 100)
    with pytest.raises(NothingLearntError, match="no better than chance; check that TARGET"):
        platt(margins, margins < 0)


def test_calibrators_are_compared_on_folds_that_they_were_not_fitted_on() -> None:
    random = np.random.default_rng(5)
    margins = random.normal(-2, 1, 6000)
    # Steps, which a line in the log-odds misses and a step function finds.
    defaulted = random.random(margins.size) < np.where(margins > -1, 0.5, 0.05)
    found = calibrators_compared(margins, defaulted, np.arange(margins.size) % 3)
    assert found["brier_score_isotonic"] < found["brier_score_platt"]
    assert found["calibration_error_isotonic"] < 0.02 < found["calibration_error_platt"]
