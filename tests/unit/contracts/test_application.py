"""Whatever the JSON Schema of an application allows is read, and is the same after a round trip."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from services.contracts.application import LoanApplication
from services.contracts.codec import decode, encode
from services.contracts.events import LoanApplicationSubmitted

SCHEMA = LoanApplication.model_json_schema()


def texts(schema: dict[str, Any]) -> SearchStrategy[str]:
    return st.text(max_size=schema["maxLength"])


def numbers(schema: dict[str, Any]) -> SearchStrategy[float]:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema["maximum"]
    if schema["type"] == "integer":
        return st.integers(low, high)
    if "multipleOf" in schema:
        return st.integers(low, high).flatmap(lambda whole: st.sampled_from([whole, float(whole)]))
    return st.floats(low, high, exclude_min="exclusiveMinimum" in schema)


def cells(schema: dict[str, Any]) -> SearchStrategy[Any]:
    """Return what a column's schema allows."""
    if "anyOf" in schema:
        return st.one_of([cells(choice) for choice in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if schema["type"] == "null":
        return st.none()
    return texts(schema) if schema["type"] == "string" else numbers(schema)


APPLICATIONS = st.fixed_dictionaries(
    {column: cells(SCHEMA["properties"][column]) for column in SCHEMA["required"]},
    optional={
        column: cells(schema)
        for column, schema in SCHEMA["properties"].items()
        if column not in SCHEMA["required"]
    },
)


@given(APPLICATIONS)
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_an_application_that_keeps_the_schema_is_read_and_written_equal(cells: dict[str, Any]) -> None:
    value = json.dumps({"application_id": "a-1", "application": cells}).encode()
    event = decode(LoanApplicationSubmitted, value)
    read = event.application.model_dump(exclude_unset=True)
    assert read == cells
    record = encode(event, event_id="1", source="s")
    assert decode(LoanApplicationSubmitted, record.value, record.headers) == event


def test_there_are_121_columns_and_what_no_decision_can_do_without_is_required() -> None:
    assert len(LoanApplication.model_fields) == 121
    assert SCHEMA["required"] == ["SK_ID_CURR", "AMT_INCOME_TOTAL", "AMT_CREDIT", "DAYS_BIRTH"]
