from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.contracts.examples import SMALLEST_APPLICATION
from services.scorecard.columns import columns_of
from services.scorecard.policy import Policy, load_policy
from services.scorecard.standard import standard_catalogue

POLICY = load_policy()
CODES = [rule.code for rule in POLICY.rules]


def rule(code: str = "A", comparison: str = ">", outcome: str = "refused", **other: object) -> dict[str, Any]:
    texts = {"text_en": "text", "text_fr": "texte"}
    usual = {"code": code, "feature": "F", "comparison": comparison, "value": 1, "outcome": outcome}
    return {**usual, **texts, **other}


def policy(*rules: dict[str, Any]) -> Policy:
    return Policy.model_validate({"version": "1", "rules": rules})


def met(rules: Policy, *row: float, names: tuple[str, ...] = ("F",)) -> int:
    return int(rules.first_rules(np.array([row], dtype=np.float32), rules.columns_in(names))[0])


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [("<", [0, 1, 1]), ("<=", [0, 0, 1]), (">", [1, 1, 0]), (">=", [1, 0, 0])],
)
def test_comparisons(comparison: str, expected: list[int]) -> None:
    rules = policy(rule(comparison=comparison))
    assert [met(rules, value) for value in (0.5, 1, 1.5)] == expected


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">="])
def test_a_missing_number_triggers_no_rule(comparison: str) -> None:
    assert met(policy(rule(comparison=comparison)), np.nan) == 1


def test_the_first_rule_that_a_row_meets_decides() -> None:
    rules = policy(rule("A", feature="G", value=5), rule("B"), rule("C", outcome="review"))
    matrix = np.array([[2, 6], [2, 4], [0, 6], [0, 4]], dtype=np.float32)
    assert rules.first_rules(matrix, rules.columns_in(["F", "G"])).tolist() == [0, 1, 0, 3]


def test_without_rules_the_model_decides() -> None:
    assert met(policy(), 1.0) == 0


def test_a_feature_that_is_no_column_is_an_error() -> None:
    with pytest.raises(ValueError, match="F"):
        policy(rule()).columns_in(["G"])


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ([rule("A"), rule("A")], "a code of its own"),
        ([rule("A", outcome="review"), rule("B")], "refuse must stand before"),
        ([rule(comparison="!=")], "comparison"),
        ([rule(outcome="approved")], "outcome"),
        ([rule(value=float("nan"))], "value"),
        ([rule(colour="red")], "colour"),
    ],
)
def test_a_wrong_policy_is_refused(rules: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        policy(*rules)


def test_the_policy_of_this_release_reads_features_of_the_catalogue() -> None:
    assert set(POLICY.features) <= set(standard_catalogue().names)


USUAL = {
    "AGE_YEARS": 40,
    "ANNUITY_TO_INCOME": 0.2,
    "AMT_INCOME_TOTAL": 1e5,
    "AMT_CREDIT": 3e5,
    "EMPLOYED_TO_AGE": 0.1,
}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"AGE_YEARS": 17.99}, "UNDER_AGE"),
        ({"ANNUITY_TO_INCOME": 1.01}, "ANNUITY_OVER_INCOME"),
        ({"AMT_INCOME_TOTAL": 5e7}, "INCOME_IMPLAUSIBLY_HIGH"),
        ({"AMT_INCOME_TOTAL": 500}, "INCOME_IMPLAUSIBLY_LOW"),
        ({"AMT_CREDIT": 9e6}, "CREDIT_IMPLAUSIBLY_HIGH"),
        ({"AMT_CREDIT": 900}, "CREDIT_IMPLAUSIBLY_LOW"),
        ({"EMPLOYED_TO_AGE": 1.2}, "EMPLOYED_LONGER_THAN_ALIVE"),
        ({"AGE_YEARS": 17, "AMT_CREDIT": 900}, "UNDER_AGE"),
    ],
)
def test_the_policy_of_this_release(cells: dict[str, float], code: str) -> None:
    row = USUAL | cells
    assert CODES[met(POLICY, *row.values(), names=tuple(row))] == code


def test_the_usual_applicant_meets_no_rule() -> None:
    assert met(POLICY, *USUAL.values(), names=tuple(USUAL)) == len(CODES)


def rule_at(days_of_life: int) -> str | None:
    application = LoanApplication.model_validate({**SMALLEST_APPLICATION, "DAYS_BIRTH": -days_of_life})
    matrix = standard_catalogue().compute(columns_of([application]))
    [rule] = POLICY.first_rules(matrix, POLICY.columns_in(standard_catalogue().names)).tolist()
    return CODES[rule] if rule < len(CODES) else None


def test_nobody_is_under_age_on_the_18th_birthday() -> None:
    born = [date(2004, 3, 1) + timedelta(days) for days in range(4 * 365)]
    lived = {(day.replace(year=day.year + 18) - day).days for day in born}
    assert {days: rule_at(days) for days in lived} == {6574: None, 6575: None}
    assert rule_at(6573) == "UNDER_AGE"
