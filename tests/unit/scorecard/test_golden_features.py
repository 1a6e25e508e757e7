"""The catalogue's numbers, kept in a file.

To write it anew: `python -m tests.unit.scorecard.test_golden_features`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.scorecard.columns import columns_of
from services.scorecard.standard import standard_catalogue

GOLDEN = Path(__file__).with_name("golden_features.json")
APPLICATIONS: dict[str, dict[str, Any]] = {
    "complete": APPLICATION,
    "smallest": SMALLEST_APPLICATION,
    "pensioner": {
        **APPLICATION,
        "DAYS_BIRTH": -23_741,
        "DAYS_EMPLOYED": 365_243,
        "NAME_INCOME_TYPE": "Pensioner",
        "OCCUPATION_TYPE": None,
        "ORGANIZATION_TYPE": "XNA",
        "EXT_SOURCE_1": None,
        "EXT_SOURCE_3": 0.31,
        "APARTMENTS_AVG": 0.0825,
        "EMERGENCYSTATE_MODE": "No",
        "FLAG_DOCUMENT_6": 1,
    },
}


def features() -> dict[str, Any]:
    """Return each feature's definition and its value for every application."""
    catalogue = standard_catalogue()
    rows = [LoanApplication.model_validate(cells) for cells in APPLICATIONS.values()]
    matrix = catalogue.compute(columns_of(rows))
    return {
        feature.name: {"definition": feature.definition, "values": [read(value) for value in values]}
        for feature, values in zip(catalogue.features, matrix.T, strict=True)
    }


def read(value: np.float32) -> float | None:
    return None if np.isnan(value) else float(value)


@pytest.mark.parametrize("name", standard_catalogue().names)
def test_a_features_values_change_only_with_its_definition(name: str) -> None:
    golden, now = json.loads(GOLDEN.read_text()).get(name), features()[name]
    rewrite = "then run `python -m tests.unit.scorecard.test_golden_features`"
    assert golden is not None, f"{name} is new: {rewrite}"
    # numpy's logarithms and powers differ in their last digits between processors.
    same = all(
        (ours is None) == (theirs is None) and (ours is None or ours == pytest.approx(theirs, rel=1e-6))
        for ours, theirs in zip(now["values"], golden["values"], strict=True)
    )
    assert same or now["definition"] != golden["definition"], (
        f"{name} was {golden['values']}, is {now['values']} under the same definition: "
        f"raise its revision, {rewrite}"
    )
    assert now["definition"] == golden["definition"], f"{name} is defined otherwise: {rewrite}"


def test_no_feature_is_lost() -> None:
    assert list(json.loads(GOLDEN.read_text())) == list(standard_catalogue().names)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(features(), indent=1) + "\n")
