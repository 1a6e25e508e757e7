"""Platt's scaling finds what was put in."""

import numpy as np
import pytest

from services.scorecard.calibration import Calibration, probabilities_of
from services.training.calibrate import platt
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
