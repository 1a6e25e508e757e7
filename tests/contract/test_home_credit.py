"""Every row of the real application table is accepted, by the fast reader too, where its files are.

OCTROI_DATA names the folder of application_train.csv and application_test.csv, `data` if it is not set.
"""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.contracts.codec import explain
from services.contracts.wire import field_values, reader
from tests.contract.repository import ROOT

FOLDER = Path(os.environ.get("OCTROI_DATA") or ROOT / "data")
WORDS = {
    name
    for name, column in LoanApplication.model_json_schema()["properties"].items()
    if column.get("anyOf", [column])[0]["type"] == "string"
}


def cell(column: str, text: str) -> str | float:
    """Return the cell as a JSON reader would: the loan's number whole, words as they are."""
    if column in WORDS:
        return text
    return int(text) if column == "SK_ID_CURR" else float(text)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize("name", ["application_train.csv", "application_test.csv"])
def test_every_row_is_accepted_and_every_column_known(name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not in the folder that OCTROI_DATA names: Kaggle's rules forbid shipping it")
    read = reader(LoanApplication)
    refused: Counter[str] = Counter()
    accepted = 0
    for row in rows(path):
        cells = {column: cell(column, text) for column, text in row.items() if text and column != "TARGET"}
        try:
            application = LoanApplication.model_validate(cells)
        except ValidationError as error:
            refused[explain(error)] += 1
        else:
            assert not application.model_extra
            assert field_values(read(json.dumps(cells).encode())) == field_values(application)
            accepted += 1
    assert not refused
    assert accepted > 1000
