from math import inf
from typing import Any

import pytest

from services.contracts.application import LoanApplication
from services.ui.known_document import FRESH_FOR, KnownDocument
from services.ui.limits import Limit, example_of, limits_of
from services.ui.rest import AwayError


def document() -> dict[str, Any]:
    examples = {"complete": {"value": {"application": {"AMT_CREDIT": 5, "EXT_SOURCE_3": None}}}}
    body = {"requestBody": {"content": {"application/json": {"examples": examples}}}}
    return {
        "components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}},
        "paths": {"/v1/applications": {"post": body}},
    }


def test_limits_are_those_of_the_document() -> None:
    limits = limits_of(document())
    assert limits["AMT_CREDIT"] == Limit(0, 1e10, above=True, required=True)
    assert limits["DAYS_BIRTH"] == Limit(-43_830, -1, required=True)
    assert limits["DAYS_EMPLOYED"] == Limit(-36_525, 0, others=(365_243,))
    assert limits["CNT_CHILDREN"] == Limit(0, 1000, whole=True)
    assert limits["NAME_HOUSING_TYPE"] == Limit(-inf, inf)
    assert {name for name, limit in limits.items() if limit.required} == {
        "SK_ID_CURR",
        "AMT_INCOME_TOTAL",
        "AMT_CREDIT",
        "DAYS_BIRTH",
    }


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("AMT_CREDIT", (0.01, 1e10), (0, -1, 1e11)),
        ("DAYS_EMPLOYED", (0, -36_525, 365_243), (1, 365_242, -36_526)),
        ("CNT_CHILDREN", (0, 1000), (0.5, -1)),
        ("EXT_SOURCE_1", (0, 0.5, 1), (-0.01, 1.01)),
    ],
)
def test_a_limit_holds_what_the_contract_takes(
    column: str, good: tuple[float, ...], bad: tuple[float, ...]
) -> None:
    limit = limits_of(document())[column]
    assert all(map(limit.holds, good))
    assert not any(map(limit.holds, bad))


def test_the_example_leaves_out_what_is_not_stated() -> None:
    assert example_of(document()) == {"AMT_CREDIT": 5}


def test_the_document_is_asked_for_again_and_remembered_while_the_gateway_is_away() -> None:
    clock, asked, away = [0.0], [0], [False]

    def ask() -> dict[str, Any]:
        asked[0] += 1
        if away[0]:
            raise AwayError("gateway")
        return document()

    known = KnownDocument(ask, lambda: clock[0])
    known.limits()
    known.example()
    assert asked == [1]
    clock[0], away[0] = FRESH_FOR, True
    assert known.limits()["AMT_CREDIT"].required
    assert asked == [2]
    with pytest.raises(AwayError):
        KnownDocument(ask).limits()
