import json

import numpy as np
import pytest

from tests.benchmarks.contestants.timing import parts
from tests.benchmarks.growth import filled
from tests.benchmarks.load_curve import Point, knee


def test_the_knee_is_the_last_load_that_was_kept_up_with() -> None:
    late = Point(800, 4.0, whole=True)
    points = [in_time(400), in_time(100), late, in_time(1600)]
    assert knee(points) == 400
    assert knee([Point(100, 0.2, whole=False)]) == 0
    assert knee([in_time(100)]) == 100


def in_time(offered: float) -> Point:
    return Point(offered, 0.2, whole=True)


@pytest.mark.parametrize("kilobytes", [3, 10])
def test_an_application_is_filled_up_to_its_size(kilobytes: int) -> None:
    row = {"AMT_CREDIT": 1000.0}
    grown = filled(row, kilobytes)
    assert len(json.dumps(grown)) == 1000 * kilobytes
    assert grown.items() >= row.items()


def test_one_that_is_large_enough_stays() -> None:
    row = {"NAME": "x" * 5000}
    assert filled(row, 3) == row


def test_a_matrix_is_cut_into_batches_and_repeated_where_it_is_too_short() -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert [part.tolist() for part in parts(matrix, 1)] == [[row] for row in matrix.tolist()]
    assert [len(part) for part in parts(matrix, 2)] == [2]
    assert [len(part) for part in parts(matrix, 5)] == [5]
