"""Lines read together are what one reads of each by itself."""

from bisect import bisect_right
from math import isnan, nan

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorecard.lines import Lines

NUMBER = st.floats(-1e6, 1e6, width=32)
POINTS = st.lists(NUMBER, min_size=1, max_size=70, unique=True).map(sorted)
BEYOND = (np.inf, -np.inf, np.nan, 1e30)


def read(line: tuple[list[float], list[float]], at: float) -> float:
    """Read one line at one place, as numpy.interp does where a processor rounds after each step."""
    points, heights = line
    if isnan(at) or not points[0] < at < points[-1]:
        return nan if isnan(at) else heights[0 if at <= points[0] else -1]
    left = bisect_right(points, at) - 1
    slope = (heights[left + 1] - heights[left]) / (points[left + 1] - points[left])
    return slope * (at - points[left]) + heights[left]


@settings(deadline=None)
@given(
    of_points=st.lists(POINTS, min_size=1, max_size=5), others=st.lists(NUMBER, max_size=150), data=st.data()
)
def test_each_line_is_read_as_by_itself(
    of_points: list[list[float]], others: list[float], data: st.DataObject
) -> None:
    lines = [
        (points, data.draw(st.lists(NUMBER, min_size=len(points), max_size=len(points))))
        for points in of_points
    ]
    at = np.array([*others, *BEYOND, *(point for points in of_points for point in points)])
    values = np.tile(at, (len(lines), 1))
    expected = [[read(line, place) for place in at.tolist()] for line in lines]
    together = Lines(lines)
    np.testing.assert_array_equal(together.read(values), expected)
    one_by_one = [together.read(values[:, each : each + 1]) for each in range(len(at))]
    np.testing.assert_array_equal(np.hstack(one_by_one), expected)


def test_there_may_be_none() -> None:
    assert Lines([]).read(np.empty((0, 3))).shape == (0, 3)
