from math import isnan
from typing import Any

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import SMALLEST_APPLICATION
from services.scorecard.columns import columns_of
from services.scorecard.standard import standard_catalogue


def feature(name: str, **cells: Any) -> float:  # noqa: ANN401 - a cell may be a number or a word
    catalogue = standard_catalogue()
    application = LoanApplication.model_validate({**SMALLEST_APPLICATION, **cells})
    return float(catalogue.compute(columns_of([application]))[0, catalogue.names.index(name)])


LOAN = {"AMT_CREDIT": 240_000.0, "AMT_ANNUITY": 12_000.0, "AMT_GOODS_PRICE": 200_000.0}
PERSON = {"DAYS_BIRTH": -14_610.0, "DAYS_EMPLOYED": -3652.5, "CNT_CHILDREN": 1.0, "CNT_FAM_MEMBERS": 4.0}
SCORES = {"EXT_SOURCE_1": 0.5, "EXT_SOURCE_3": 0.25}


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("CREDIT_TO_ANNUITY", LOAN, 20),
        ("CREDIT_TO_GOODS", LOAN, 1.2),
        ("GOODS_CREDIT_GAP", LOAN, -40_000),
        ("ANNUITY_TO_INCOME", LOAN | {"AMT_INCOME_TOTAL": 48_000.0}, 0.25),
        ("CREDIT_TO_INCOME", LOAN | {"AMT_INCOME_TOTAL": 48_000.0}, 5),
        ("AGE_YEARS", PERSON, 40),
        ("EMPLOYED_YEARS", PERSON, 10),
        ("EMPLOYED_TO_AGE", PERSON, 0.25),
        ("INCOME_PER_PERSON", PERSON | {"AMT_INCOME_TOTAL": 48_000.0}, 12_000),
        ("CHILDREN_SHARE", PERSON, 0.25),
        ("EXT_SOURCE_MEAN", SCORES, 0.375),
        ("EXT_SOURCE_MIN", SCORES, 0.25),
        ("EXT_SOURCE_MAX", SCORES, 0.5),
        ("EXT_SOURCE_SPREAD", SCORES, 0.25),
        ("EXT_SOURCE_PRODUCT", SCORES | {"EXT_SOURCE_2": 0.8}, 0.1),
        ("EXT_SOURCE_MISSING", SCORES, 1),
        ("EXT_SOURCE_MISSING", {}, 3),
        ("DOCUMENT_SUM", {"FLAG_DOCUMENT_2": 1, "FLAG_DOCUMENT_3": 0, "FLAG_DOCUMENT_21": 1}, 2),
        ("ENQUIRY_SUM", {"AMT_REQ_CREDIT_BUREAU_HOUR": 1, "AMT_REQ_CREDIT_BUREAU_YEAR": 4}, 5),
        ("BUILDING_MISSING", {}, 43),
        ("BUILDING_MISSING", {"APARTMENTS_AVG": 0.5, "TOTALAREA_MODE": 0.5}, 41),
    ],
)
def test_a_feature_worked_out_by_hand(name: str, cells: dict[str, Any], expected: float) -> None:
    assert feature(name, **cells) == pytest.approx(expected, rel=1e-6)


def instalment(credit: float, yearly_rate: float, months: int) -> float:
    rate = yearly_rate / 12
    return credit * rate / (1 - (1 + rate) ** -months)


@pytest.mark.parametrize("months", [12, 24, 36, 60])
@pytest.mark.parametrize("yearly_rate", [0.25, 0.255, 0.26])
def test_term_and_rate_of_a_loan_are_found_again(yearly_rate: float, months: int) -> None:
    loan = {"AMT_CREDIT": 300_000.0, "AMT_ANNUITY": instalment(300_000, yearly_rate, months)}
    assert feature("IMPLIED_TERM", **loan) == months
    assert feature("IMPLIED_RATE", **loan) == pytest.approx(yearly_rate, abs=1e-5)


def test_instalments_below_the_credit_imply_no_rate() -> None:
    loan = {"AMT_CREDIT": 610_000.0, "AMT_ANNUITY": 10_000.0}
    assert feature("IMPLIED_TERM", **loan) == 60
    assert isnan(feature("IMPLIED_RATE", **loan))


@pytest.mark.parametrize(
    "cells",
    [
        {"AMT_CREDIT": 1e10, "AMT_ANNUITY": 1e-300},
        {"AMT_CREDIT": 5e-324, "AMT_ANNUITY": 1e10, "AMT_GOODS_PRICE": 1e10},
        {"AMT_CREDIT": 1e-300, "AMT_ANNUITY": 1.0},
        {"AMT_INCOME_TOTAL": 5e-324, "AMT_ANNUITY": 1e10, "AMT_CREDIT": 1e10},
    ],
)
def test_amounts_next_to_nothing_give_finite_features_without_a_warning(cells: dict[str, Any]) -> None:
    catalogue = standard_catalogue()
    application = LoanApplication.model_validate({**SMALLEST_APPLICATION, **cells})
    assert not np.isinf(catalogue.compute(columns_of([application]))).any()


def test_an_instalment_beyond_any_income_is_still_high() -> None:
    assert feature("ANNUITY_TO_INCOME", AMT_INCOME_TOTAL=5e-324, AMT_ANNUITY=1e10) > 1e38
