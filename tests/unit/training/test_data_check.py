from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.sample.files import write_sample
from services.scorecard.standard import standard_catalogue
from services.training.data import LabelledData, read
from services.training.data_check import data_report, refuse_duplicates, unknown_words_told
from services.training.errors import TrainingError

CATALOGUE = standard_catalogue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> LabelledData:
    folder: Path = tmp_path_factory.mktemp("sample")
    write_sample(folder, rows=2500, unlabelled=1, seed=7)
    return read(folder, CATALOGUE, folds=3)


def test_a_client_in_two_rows_is_named() -> None:
    refuse_duplicates(np.array([5, 3, 4]))
    with pytest.raises(TrainingError, match=r"^SK_ID_CURR: 2 clients stand in .* \(3, 9\); keep one"):
        refuse_duplicates(np.array([9, 3, 4, 3, 9, 9]))


def test_the_report_has_the_range_and_the_missing_share_of_every_column(data: LabelledData) -> None:
    lines = data_report(data, CATALOGUE).splitlines()
    assert "| rows | 2,500 |" in lines
    credit = data.matrix[:, CATALOGUE.names.index("AMT_CREDIT")]
    told = next(line for line in lines if line.startswith("| AMT_CREDIT |")).split(" | ")
    assert told[1] == "0.0 %"
    assert float(told[2].replace(",", "")) == pytest.approx(credit.min(), rel=1e-5)
    income = next(line for line in lines if line.startswith("| NAME_INCOME_TYPE |"))
    assert "Working" in income
    assert len([line for line in lines if line.count(" | ") == 4]) == 2 + 120


def test_words_that_nobody_knows_are_told(data: LabelledData) -> None:
    assert "Every cell is of the type" in data_report(data, CATALOGUE)
    assert unknown_words_told(data) == "words that this release does not know: none"
    odd = replace(data, unknown_words={"OCCUPATION_TYPE": 1234, "NAME_INCOME_TYPE": 1})
    told = (
        "words that this release does not know, read as empty cells: "
        "1,234 in OCCUPATION_TYPE, 1 in NAME_INCOME_TYPE"
    )
    assert unknown_words_told(odd) == told
    lines = data_report(odd, CATALOGUE).splitlines()
    assert f"Every cell is of the type and within the range that the contract allows; {told}." in lines
