import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.ui.answers import Application
from services.ui.fields import DOCUMENT
from services.ui.form import cells_of, fill, problems_of, reform
from services.ui.limits import limits_of
from services.ui.locale_forms import forms_of
from services.ui.taken import is_valid, taken
from services.ui.words import words_of

FRENCH, ENGLISH = forms_of("fr"), forms_of("en")
STATED = {name: cell for name, cell in APPLICATION.items() if cell is not None}
LIMITS = limits_of({"components": {"schemas": {"LoanApplication": LoanApplication.model_json_schema()}}})
COLUMNS = tuple(LoanApplication.model_fields)
PERSON = "John Smith 1970"
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30), 2**63, 365_243, -0.0, 1e308])
TEXTS = st.text() | st.sampled_from([PERSON, "NaN", "Infinity", "1", "Y", "1e999", "MONDAY", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(cell=JSON)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_cells_hold_the_form_holds_it_or_leaves_it_out(
    cell: object, caplog: pytest.LogCaptureFixture
) -> None:
    state: dict[str, Any] = {}
    with caplog.at_level(logging.DEBUG):
        cells, left_out = taken(dict.fromkeys(COLUMNS, cell))
        fill(state, cells, FRENCH)
        reform(state, FRENCH, ENGLISH)
        handed_in = cells_of(state, ENGLISH)
        problems_of(state, LIMITS, words_of("en"), ENGLISH, complete=True)
    assert {*cells, *left_out} == set(COLUMNS)
    shown = [column for column in cells if cell is not None and not column.startswith(DOCUMENT)]
    assert all(handed_in[column] == cell for column in shown)
    assert is_valid(STATED | handed_in)
    assert not caplog.records


@pytest.mark.parametrize("column", COLUMNS)
def test_what_no_cell_may_hold_is_left_out_alone(column: str) -> None:
    for cell in (PERSON * 5, [PERSON], {PERSON: 1}, True):
        cells, left_out = taken({**STATED, column: cell, "NEW_COLUMN": cell})
        assert left_out == (column,)
        assert cells == {**{name: STATED[name] for name in STATED if name != column}, "NEW_COLUMN": cell}


def test_a_cell_that_is_missing_is_not_one_that_is_left_out() -> None:
    assert taken({}) == ({}, ())
    assert not is_valid({})
    assert is_valid(STATED)


def test_an_answer_that_cannot_be_read_does_not_tell_what_was_stated() -> None:
    with pytest.raises(ValidationError) as raised:
        Application.model_validate({"application_id": {PERSON: 1}, "state": PERSON, "application": PERSON})
    assert PERSON not in str(raised.value)
