"""Of the latest records, the rows that a report is made of."""

import numpy as np
import pytest

from services.contracts.vector import pack
from services.kit.records import Record
from services.monitoring.champion import Champion
from services.monitoring.recent import newest_rows
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import (
    feature_records,
    monitored_of,
    of_catalogue,
)

LAST = 5


def rows_of(champion: Champion, records: list[Record]) -> Matrix:
    assert champion.current is not None
    return newest_rows(champion, champion.current, records, LAST)


def with_vector(record: Record, row: Matrix, text: str) -> Record:
    """Return a record whose vector, that of a row, is another text."""
    [packed] = pack(row.reshape(1, -1))
    assert packed.encode() in (record.value or b"")
    return record._replace(value=(record.value or b"").replace(packed.encode(), text.encode()))


@pytest.mark.parametrize(
    "vector",
    ["", "no base64", *pack(np.zeros((1, 3), dtype=np.float32)), *pack(np.zeros((1, 999), dtype=np.float32))],
    ids=["empty", "no base64", "too short", "too long"],
)
def test_a_vector_that_cannot_be_unpacked_is_left_out_and_the_others_are_told(
    matrix: Matrix, champion: Champion, vector: str
) -> None:
    records = feature_records(matrix[:4])
    records[1] = with_vector(records[1], matrix[1], vector)
    found = rows_of(champion, records)
    assert np.array_equal(found, monitored_of(matrix[[0, 2, 3]]), equal_nan=True)


def test_the_newest_are_told_wherever_they_stand_and_where_there_are_none_no_row(
    matrix: Matrix, champion: Champion
) -> None:
    records = feature_records(matrix[:8])
    assert np.array_equal(rows_of(champion, records[::-1]), monitored_of(matrix[3:8]), equal_nan=True)
    unreadable = [records[0]._replace(value=None), *of_catalogue(records[1:2], "other")]
    for nothing in ([], unreadable):
        assert rows_of(champion, nothing).shape == (0, monitored_of(matrix).shape[1])
