import numpy as np
import pytest
from pydantic import ValidationError

from services.scorecard.calibration import Calibration, probabilities_of


def test_slope_and_intercept_are_applied_to_the_margin() -> None:
    calibration = Calibration(slope=2, intercept=-1)
    assert calibration.log_odds(np.array([0.0, 1.5], dtype=np.float32)).tolist() == [-1, 2]


@pytest.mark.parametrize("slope", [0, -1, np.nan, np.inf])
def test_a_slope_that_would_change_the_order_is_refused(slope: float) -> None:
    with pytest.raises(ValidationError, match="slope"):
        Calibration(slope=slope)


def test_log_odds_become_probabilities() -> None:
    probabilities = probabilities_of(np.log(np.array([1, 1 / 9, 9])))
    np.testing.assert_allclose(probabilities, [0.5, 0.1, 0.9], rtol=1e-15)


def test_neither_end_overflows() -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        probabilities = probabilities_of(np.array([-1e4, -700, 700, 1e4]))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert probabilities[0] == 0
    assert probabilities[-1] == 1
