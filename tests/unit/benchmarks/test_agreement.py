from pathlib import Path

import pytest

from services.sample.files import write_sample
from services.scorecard.table import Cells, cells_of, read_batches
from tests.benchmarks.agreement import decided, differences
from tests.models import small_bundle


@pytest.fixture
def rows(tmp_path: Path) -> list[Cells]:
    _, file = write_sample(tmp_path, 10, 20, 7)
    return [cells for batch in read_batches(file) for cells in cells_of(batch)]


def test_the_same_decisions_agree_but_for_the_last_digits(rows: list[Cells]) -> None:
    expected = decided(small_bundle(), rows)
    told = [
        {**one, "probability_of_default": one["probability_of_default"] * (1 + 1e-12)} for one in expected
    ]
    assert len(expected) == len(rows)
    assert list(differences(told, expected)) == []


@pytest.mark.parametrize(
    ("name", "value"), [("probability_of_default", 0.123), ("score", 299), ("outcome", "LOST")]
)
def test_another_decision_is_told_with_its_row(rows: list[Cells], name: str, value: object) -> None:
    expected = decided(small_bundle(), rows)
    told = [*expected[:3], {**expected[3], name: value}, *expected[4:]]
    [said] = differences(told, expected)
    assert said.startswith("row 3 is ")


def test_missing_rows_and_cells_are_no_agreement() -> None:
    one = {"probability_of_default": 0.5, "score": 600, "outcome": "APPROVED"}
    assert list(differences([one], [one, one])) == ["1 rows for 2"]
    assert len(list(differences([{"score": 600}], [one]))) == 1
