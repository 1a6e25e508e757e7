"""A wire form says what its contract says: what its reader takes, the contract takes, and reads alike."""

import copy
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.contracts.codec import decode, decode_fast
from services.contracts.events import (
    ApplicationDecided,
    ApplicationEvent,
    FeaturesComputed,
    LoanApplicationSubmitted,
    LoanOutcomeObserved,
    Reason,
)
from services.contracts.wire import UNREADABLE, field_values, reader, wire_form, write
from tests.contract.repository import GOLDEN

CONTRACTS: tuple[type[ApplicationEvent], ...] = (
    LoanApplicationSubmitted,
    FeaturesComputed,
    ApplicationDecided,
    LoanOutcomeObserved,
)
Place = tuple[str | int, ...]
ODD: tuple[Any, ...] = (
    *(None, True, [], {}, "", "1", "a" * 65, "line\n", "nul\0", "\ud800", "é", "web", "M", "Y", "F"),
    *(0, -0.0, 1, 1.0, 1.5, -1, 3, 850.0, 851, 1e300, 2**53, 2**53 + 1, 2**70, 365243, -12000, 1e-320),
    *(
        "2026-03-31T09:30:00Z",
        "2026-03-31",
        "1969-12-31T23:59:59Z",
        "2026-03-31T09:30:00",
        "9999-12-31T23:00:00Z",
    ),
)


def golden(contract: type[ApplicationEvent]) -> dict[str, Any]:
    name = f"{contract.__name__}.v1.json"
    event: dict[str, Any] = json.loads((GOLDEN / name).read_text())
    return event


def places(node: object, above: Place = ()) -> list[Place]:
    """Return where the parts of a JSON value are."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [above, *(place for name, value in inner for place in places(value, (*above, name)))]


def put(event: dict[str, Any], place: Place, value: object) -> None:
    *above, last = place
    node: Any = event
    for step in above:
        node = node[step]
    node[last] = value


def assert_alike(form: object, model: object) -> None:
    """Compare the fields of a wire form with those of a model, and so on down."""
    if isinstance(model, BaseModel):
        for name in type(model).model_fields:
            assert_alike(getattr(form, name), getattr(model, name))
    elif isinstance(model, tuple):
        assert isinstance(form, tuple)
        for one, other in zip(form, model, strict=True):
            assert_alike(one, other)
    else:
        assert (form, type(form)) == (model, type(model))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_golden_event_is_read_by_the_fast_way_and_written_equal(contract: type[ApplicationEvent]) -> None:
    value = json.dumps(golden(contract)).encode()
    form, model = reader(contract)(value), decode(contract, value)
    assert not isinstance(form, BaseModel)
    assert_alike(form, model)
    assert decode(contract, write(form)) == model
    assert (form.subject(), form.event_type()) == (model.subject(), contract.event_type())


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_what_the_reader_takes_the_contract_takes_and_reads_alike(data: st.DataObject) -> None:
    contract = data.draw(st.sampled_from(CONTRACTS))
    event = copy.deepcopy(golden(contract))
    for _ in range(data.draw(st.integers(1, 3))):
        put(event, data.draw(st.sampled_from(places(event)[1:])), data.draw(st.sampled_from(ODD)))
    assert_no_more_than_the_contract(contract, json.dumps(event).encode())


@given(st.binary(min_size=1, max_size=4), st.integers(0, 4000), st.integers(0, 5))
@example(b"\xff", 30, 1)
@settings(max_examples=300, deadline=None)
def test_broken_bytes_are_never_taken_for_more_than_the_contract_takes(
    broken: bytes, at: int, dropped: int
) -> None:
    for contract in CONTRACTS:
        value = json.dumps(golden(contract)).encode()
        at %= len(value)
        assert_no_more_than_the_contract(contract, value[:at] + broken + value[at + dropped :])


def assert_no_more_than_the_contract(contract: type[ApplicationEvent], value: bytes) -> None:
    try:
        form = reader(contract)(value)
    except UNREADABLE:
        return
    assert_alike(form, contract.model_validate_json(value))


def test_a_field_that_the_contract_does_not_have_is_left_to_pydantic() -> None:
    event = golden(LoanApplicationSubmitted)
    event["application"]["SHOE_SIZE"] = 43
    value = json.dumps(event).encode()
    with pytest.raises(UNREADABLE):
        reader(LoanApplicationSubmitted)(value)
    assert decode_fast(LoanApplicationSubmitted, value).application.model_extra == {"SHOE_SIZE": 43}


def test_a_last_line_end_does_not_slip_through_a_pattern() -> None:
    event = {**golden(FeaturesComputed), "application_id": "web-1\n"}
    with pytest.raises(UNREADABLE):
        reader(FeaturesComputed)(json.dumps(event).encode())


def test_name_and_version_are_written_and_what_is_missing_is_not() -> None:
    event = {
        name: value for name, value in golden(LoanOutcomeObserved).items() if name not in ("event", "version")
    }
    written = json.loads(write(reader(LoanOutcomeObserved)(json.dumps(event).encode())))
    assert (written["event"], written["version"]) == ("LoanOutcomeObserved", 1)
    features = {**golden(FeaturesComputed), "channel": None}
    assert "channel" not in json.loads(write(reader(FeaturesComputed)(json.dumps(features).encode())))


def test_a_form_and_a_model_give_their_values_in_the_same_order() -> None:
    value = json.dumps(golden(LoanApplicationSubmitted)).encode()
    form, model = reader(LoanApplicationSubmitted)(value), decode(LoanApplicationSubmitted, value)
    assert field_values(form.application) == field_values(model.application)


def test_a_form_cannot_be_changed() -> None:
    reason = wire_form(Reason)(code="AGE", text="Young", contribution=0.1)
    with pytest.raises(AttributeError):
        reason.code = "SEX"  # type: ignore[misc]
