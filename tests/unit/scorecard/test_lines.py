"""Lines read together are what numpy reads of each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorecard.lines import Lines

NUMBER = st.floats(-1e6, 1e6, width=32)
POINTS = st.lists(NUMBER, min_size=1, max_size=70, unique=True).map(sorted)
BEYOND = (np.inf, -np.inf, np.nan, 1e30)


@settings(deadline=None)
@given(
    of_points=st.lists(POINTS, min_size=1, max_size=5), others=st.lists(NUMBER, max_size=150), data=st.data()
)
def test_each_line_is_read_as_numpy_reads_it(
    of_points: list[list[float]], others: list[float], data: st.DataObject
) -> None:
    lines = [
        (points, data.draw(st.lists(NUMBER, min_size=len(points), max_size=len(points))))
        for points in of_points
    ]
    at = np.array([*others, *BEYOND, *(point for points in of_points for point in points)])
    values = np.tile(at, (len(lines), 1))
    expected = [np.interp(at, *line) for line in lines]
    expected = [np.where(np.isnan(at), np.nan, heights) for heights in expected]
    np.testing.assert_array_equal(Lines(lines).read(values), expected)


def test_there_may_be_none() -> None:
    assert Lines([]).read(np.empty((0, 3))).shape == (0, 3)
