from typing import Any

import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.ui.fields import Field, document_columns, every_field
from services.ui.form import cells_of, fill, key_of, problems_of, problems_told, reform, rewritten
from services.ui.limits import Limit, limits_of
from services.ui.locale_forms import Forms, forms_of
from services.ui.peers import values_of
from services.ui.rules_ahead import rule_ahead
from services.ui.units import NO_JOB, Unreadable, limit_in_years, to_cell, to_person
from services.ui.words import words_of

FRENCH, ENGLISH = forms_of("fr"), forms_of("en")
STATED = {name: cell for name, cell in APPLICATION.items() if cell is not None}
LIMITS = limits_of({"components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}}})


def form(**given: str | None) -> dict[str, Any]:
    state: dict[str, Any] = {}
    fill(state, STATED, FRENCH)
    return state | {f"field:{column}": value for column, value in given.items()}


def test_what_is_loaded_and_not_touched_stays_as_it_was() -> None:
    documents = {name: float(name == "FLAG_DOCUMENT_3") for name in document_columns()}
    assert cells_of(form(), FRENCH) == STATED | documents


def test_a_cell_without_a_field_is_carried_along() -> None:
    state: dict[str, Any] = {}
    fill(state, {"AMT_CREDIT": 1000, "NEW_COLUMN": 5}, ENGLISH)
    assert cells_of(state, ENGLISH) == {"AMT_CREDIT": 1000, "NEW_COLUMN": 5}


def test_what_is_typed_becomes_the_contracts_units() -> None:
    typed = form(DAYS_BIRTH="40", AMT_CREDIT="300 000,50", FLAG_OWN_CAR="N", FLAG_EMAIL="0")
    cells = cells_of(typed, FRENCH)
    assert cells["DAYS_BIRTH"] == -14610
    assert cells["AMT_CREDIT"] == 300000.5
    assert (cells["FLAG_OWN_CAR"], cells["FLAG_EMAIL"]) == ("N", 0)
    assert cells_of(form(DAYS_EMPLOYED=NO_JOB), FRENCH)["DAYS_EMPLOYED"] == 365_243
    assert "EXT_SOURCE_1" not in cells_of(form(EXT_SOURCE_1=""), FRENCH)


@pytest.mark.parametrize("forms", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_a_whole_age_counts_for_no_less_and_is_shown_as_typed(forms: Forms) -> None:
    field = next(field for field in every_field() if field.kind == "age")
    for years in range(18, 101):
        typed = str(years)
        cells = cells_of(form(DAYS_BIRTH=typed), forms)
        assert years <= values_of(cells)["AGE_YEARS"] < years + 0.01
        assert rule_ahead(cells) is None
        assert rewritten(field, typed, forms) == to_person(field, cells, forms) == typed


@pytest.mark.parametrize("forms", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_an_age_typed_over_one_that_was_loaded_counts(forms: Forms) -> None:
    state = form()
    # A day short of 18: what is shown must not already be what is then typed.
    fill(state, STATED | {"DAYS_BIRTH": -6574}, forms)
    assert state["field:DAYS_BIRTH"] == forms.number(17.9, 1)
    assert cells_of(state, forms)["DAYS_BIRTH"] == -6574
    state["field:DAYS_BIRTH"] = "18"
    assert values_of(cells_of(state, forms))["AGE_YEARS"] >= 18


def test_as_many_years_in_the_job_as_in_life_are_as_many_days() -> None:
    for years in range(18, 101):
        whole, less = (
            cells_of(form(DAYS_BIRTH=str(years), DAYS_EMPLOYED=str(job)), FRENCH)
            for job in (years, years - 1)
        )
        rule = rule_ahead(whole)
        assert rule is not None
        assert rule.code == "EMPLOYED_LONGER_THAN_ALIVE"
        assert rule_ahead(less) is None


SINGLE = [field for field in every_field() if field.kind != "documents"]
"""Fields of one cell."""


@pytest.mark.parametrize("field", SINGLE, ids=lambda field: field.column)
def test_cells_survive_the_way_to_a_person_and_back(field: Field) -> None:
    cell: Any = field.options[0] if field.options else 0.25 if field.kind == "share" else 3
    cell = -7305 if field.kind in {"age", "job", "years_ago"} else cell
    cell = int(cell) if field.kind in {"flag", "rating"} else cell
    for forms in (FRENCH, ENGLISH):
        assert to_cell(field, to_person(field, {field.column: cell}, forms), forms) == cell


def test_another_language_writes_the_same_numbers_in_its_own_form() -> None:
    state = form(AMT_CREDIT="300 000,5", EXT_SOURCE_1="a lot")
    reform(state, FRENCH, ENGLISH)
    assert state["field:AMT_CREDIT"] == "300,000.5"
    assert state["field:AMT_INCOME_TOTAL"] == "171,000"
    assert state["field:EXT_SOURCE_1"] == "a lot"


def test_problems_are_told_beside_their_field_in_the_readers_units() -> None:
    state = form(DAYS_BIRTH="130", AMT_CREDIT="-5", CNT_CHILDREN="1,5", EXT_SOURCE_1="a lot")
    state["field:SK_ID_CURR"] = ""
    english = words_of("en")
    found = problems_of(state, LIMITS, english, FRENCH, complete=True)
    assert found == {
        "DAYS_BIRTH": "Between 1 and 120 years.",
        "AMT_CREDIT": "More than 0, at most 10\u202f000\u202f000\u202f000.",
        "CNT_CHILDREN": "A whole number from 0 to 1\u202f000.",
        "EXT_SOURCE_1": "This is no number, or can be read in two ways: write 171,000 or 0.5.",
        "SK_ID_CURR": "Needed for a decision.",
    }
    assert "SK_ID_CURR" not in problems_of(state, LIMITS, english, FRENCH, complete=False)


def test_the_gateways_problems_are_told_in_the_readers_words() -> None:
    errors = (
        {"field": "application.AMT_CREDIT", "message": "Input should be greater than 0"},
        {"field": "header.Idempotency-Key", "message": "Cannot be used"},
    )
    assert problems_told(errors, LIMITS, words_of("fr"), FRENCH) == {
        "AMT_CREDIT": "Plus de 0, au plus 10\u202f000\u202f000\u202f000.",
        "": "header.Idempotency-Key: Cannot be used",
    }


@pytest.mark.parametrize(
    ("column", "typed", "shown"),
    [
        ("AMT_CREDIT", "300000", "300\u202f000"),
        ("AMT_CREDIT", "300 000,5", "300\u202f000,5"),
        ("EXT_SOURCE_1", "0.58", "0,58"),
        ("EXT_SOURCE_1", "0,123456", "0,123456"),
        ("DAYS_BIRTH", "39,25", "39,25"),
        ("AMT_CREDIT", "171.000", "171.000"),
        ("DAYS_EMPLOYED", NO_JOB, NO_JOB),
    ],
)
def test_a_number_is_shown_as_it_was_read_and_never_loses_anything(
    column: str, typed: str, shown: str
) -> None:
    field = next(field for field in every_field() if field.column == column)
    assert rewritten(field, typed, FRENCH) == shown


def test_the_rule_that_would_decide_is_told_before_an_application_is_handed_in() -> None:
    high, young = (STATED | changed for changed in ({"AMT_ANNUITY": 1e6}, {"DAYS_BIRTH": -6500}))
    assert rule_ahead(STATED) is None
    assert [rule and rule.code for rule in map(rule_ahead, (high, young))] == [
        "ANNUITY_OVER_INCOME",
        "UNDER_AGE",
    ]
    assert rule_ahead({"DAYS_BIRTH": -6500}) is None


def test_the_same_application_of_a_session_has_the_same_key_and_another_has_not() -> None:
    assert key_of("one", STATED) == key_of("one", dict(STATED))
    assert len({key_of("one", STATED), key_of("two", STATED), key_of("one", {})}) == 3


def test_limits_of_days_become_limits_of_years() -> None:
    assert limit_in_years(Limit(-36_525, 0)) == Limit(0, 100)
    assert to_cell(Field("DAYS_BIRTH", "age"), "old", ENGLISH) == Unreadable("old")
