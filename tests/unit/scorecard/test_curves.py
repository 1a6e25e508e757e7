"""Curves are lines through their points, and add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.scorecard.curves import Curve, CurveReader

AGE = Curve(feature="AGE", points=(20, 40, 60), log_odds=(0.4, 0.0, -0.2), missing=0.1)
CODE = Curve(feature="CODE", points=(0, 1, 2), log_odds=(0.3, -0.3, 0.6), missing=-0.1)
RATE = Curve(feature="RATE", points=(0.5,), log_odds=(0.7,), missing=0.0)
FEATURES = ("CODE", "OTHER", "AGE", "RATE")
GROUPS = np.array([2, 0, 4, 2], dtype=np.intp)
READER = CurveReader((AGE, CODE, RATE), FEATURES, GROUPS)
NAN = float("nan")


@pytest.mark.parametrize(
    ("age", "log_odds"),
    [(20, 0.4), (30, 0.2), (40, 0.0), (50, -0.1), (60, -0.2), (5, 0.4), (99, -0.2), (NAN, 0.1)],
)
def test_a_curve_is_a_line_between_points_and_level_beyond(age: float, log_odds: float) -> None:
    reader = CurveReader((AGE,), ("AGE",), np.zeros(1, dtype=np.intp))
    assert reader.margins(np.array([[age]], dtype=np.float32)) == pytest.approx([log_odds])


def test_curves_of_a_group_are_added_and_other_groups_have_nothing() -> None:
    margins, groups = READER.explain(np.array([[2, 9, 30, 0.5], [NAN, 9, NAN, NAN]], dtype=np.float32))
    assert groups[0].tolist() == pytest.approx([0, 0, 1.3, 0, 0.2])
    assert groups[1].tolist() == pytest.approx([0, 0, -0.1, 0, 0.1])
    assert margins == pytest.approx([1.5, 0.0])


@settings(deadline=None)
@given(seed=st.integers(0, 1000), rows=st.integers(1, 90))
def test_a_row_alone_reads_as_in_a_batch(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    matrix = (random.random((rows, len(FEATURES))) * 70).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    alone = np.concatenate([READER.margins(row[np.newaxis]) for row in matrix])
    np.testing.assert_array_equal(alone, READER.margins(matrix))
    np.testing.assert_array_equal(READER.explain(matrix)[0], READER.margins(matrix))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"points": (40, 20, 60)}, "points: must rise"),
        ({"log_odds": (1.0,)}, "log_odds: must be 3 numbers"),
        ({"missing": NAN}, "finite"),
    ],
)
def test_what_is_no_curve_is_refused(change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Curve.model_validate(AGE.model_dump() | change)


def test_a_curve_of_no_column_is_named() -> None:
    with pytest.raises(ValueError, match="does not have: AGE"):
        CurveReader((AGE,), ("CODE",), np.zeros(1, dtype=np.intp))
