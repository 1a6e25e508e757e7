import json
from datetime import UTC, datetime

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.codec import LARGEST_EVENT, encode
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.examples import APPLICATION
from services.gateway.reading import LONGEST_BATCH
from tests.benchmarks import in_batches
from tests.benchmarks.contestants.timing import parts
from tests.benchmarks.growth import (
    BATCHES,
    KILOBYTES,
    MOST_KILOBYTES,
    ROWS_IN_BATCHES,
    applications_of,
    batches_of,
    filled,
)
from tests.benchmarks.load_curve import Point, knee


def test_the_knee_is_the_last_load_that_was_kept_up_with() -> None:
    late = Point(800, 4.0, whole=True)
    points = [in_time(400), in_time(100), late, in_time(1600)]
    assert knee(points) == 400
    assert knee([Point(100, 0.2, whole=False)]) == 0
    assert knee([in_time(100)]) == 100


def in_time(offered: float) -> Point:
    return Point(offered, 0.2, whole=True)


@pytest.mark.parametrize("kilobytes", KILOBYTES)
def test_an_application_is_filled_up_to_its_size(kilobytes: int) -> None:
    row = {"AMT_CREDIT": 1000.0}
    grown = filled(row, kilobytes)
    assert len(json.dumps(grown)) == 1000 * kilobytes
    assert grown.items() >= row.items()


def test_one_that_is_large_enough_stays() -> None:
    row = {"NAME": "x" * 5000}
    assert filled(row, 3) == row


def test_the_largest_application_is_one_that_a_topic_carries() -> None:
    grown = LoanApplication.model_validate(filled(dict(APPLICATION), KILOBYTES[-1]))
    event = LoanApplicationSubmitted(
        application_id="bench.1", submitted_at=datetime.now(UTC), channel="bench", application=grown
    )
    assert (
        KILOBYTES[-1] * 1000 < len(encode(event, event_id="1", source="octroi/bench").value) < LARGEST_EVENT
    )


def test_large_applications_are_fewer() -> None:
    assert [applications_of(size, 50_000) for size in KILOBYTES] == [50_000, 50_000, 10_000, 2_500]
    assert applications_of(KILOBYTES[-1], 100) == 100
    assert all(size * applications_of(size, 10**9) <= MOST_KILOBYTES for size in KILOBYTES)


def test_every_size_of_a_batch_is_one_that_the_gateway_takes() -> None:
    assert BATCHES[-1] == LONGEST_BATCH
    assert [batches_of(size) * size for size in BATCHES] == [2_000, *3 * [ROWS_IN_BATCHES]]


def test_batches_hold_each_application_once_and_rows_again_where_they_are_fewer() -> None:
    bodies = in_batches.parts([{"AMT_CREDIT": 1.0}, {"AMT_CREDIT": 2.0}], "run", 2, 5)
    lines = [json.loads(body) for body in bodies]
    assert [len(part) for part in lines] == [2, 2, 1]
    told = [(line["application_id"], line["application"]["AMT_CREDIT"]) for part in lines for line in part]
    assert told == [("run.0", 1.0), ("run.1", 2.0), ("run.2", 1.0), ("run.3", 2.0), ("run.4", 1.0)]


def test_a_matrix_is_cut_into_batches_and_repeated_where_it_is_too_short() -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert [part.tolist() for part in parts(matrix, 1)] == [[row] for row in matrix.tolist()]
    assert [len(part) for part in parts(matrix, 2)] == [2]
    assert [len(part) for part in parts(matrix, 5)] == [5]
