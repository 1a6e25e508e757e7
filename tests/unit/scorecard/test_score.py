from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.scorecard.score import ScoreScale


def points(odds_of_repayment: float, scale: ScoreScale) -> int:
    return int(scale.points(np.array([-log(odds_of_repayment)]))[0])


@pytest.mark.parametrize(
    ("odds", "expected"), [(10, 600), (20, 650), (5, 550), (1e9, 850), (1e-9, 300), (15, 629)]
)
def test_points_of_the_usual_scale(odds: float, expected: int) -> None:
    assert points(odds, ScoreScale()) == expected


def test_base_odds_and_doubling_are_settings() -> None:
    scale = ScoreScale(base_score=500, base_odds=30, points_to_double=20)
    assert [points(odds, scale) for odds in (30, 60, 120)] == [500, 520, 540]


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20))
def test_a_safer_applicant_never_has_fewer_points(log_odds: list[float]) -> None:
    scores = ScoreScale().points(np.sort(np.array(log_odds)))
    assert (np.diff(scores) <= 0).all()
    assert ((scores >= 300) & (scores <= 850)).all()


def test_a_scale_without_points_is_refused() -> None:
    with pytest.raises(ValidationError, match="points_to_double"):
        ScoreScale(points_to_double=0)
