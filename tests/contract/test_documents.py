"""The documents are what the code generates, and say about values what the code does."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.contracts.codec import ContractError, decode
from services.contracts.documents import documents, write
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.schemas import event_schemas
from services.scorecard.words import KNOWN_WORDS
from tests.contract import openapi
from tests.contract.repository import DOCUMENTS, GOLDEN

SCHEMAS = event_schemas()
SUBMITTED = "LoanApplicationSubmitted.v1"
CURE = "docs/contracts is not what the code says: run `make contracts`"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name], format_checker=Draft202012Validator.FORMAT_CHECKER)


def smallest() -> dict[str, Any]:
    event: dict[str, Any] = json.loads((GOLDEN / f"{SUBMITTED}.minimal.json").read_text())
    return event


def test_the_documents_are_what_the_code_generates() -> None:
    written = {path.relative_to(DOCUMENTS).as_posix(): path.read_text() for path in DOCUMENTS.rglob("*.json")}
    generated = documents() | {openapi.FILE.name: openapi.text()}
    assert sorted(written) == sorted(generated), CURE
    changed = [name for name, text in generated.items() if written[name] != text]
    assert not changed, CURE


def test_writing_removes_schemas_that_the_code_has_no_more(tmp_path: Path) -> None:
    stale = tmp_path / "schemas" / "LoanForgotten.v1.json"
    stale.parent.mkdir()
    stale.write_text("{}")
    write(tmp_path)
    assert not stale.exists()
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")} == set(documents())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_named(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMAS[name]["$id"] == f"urn:octroi:contract:{name}"
    assert SCHEMAS[name]["title"] == name


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_event_and_every_field_is_described(name: str) -> None:
    for part in [SCHEMAS[name], *SCHEMAS[name].get("$defs", {}).values()]:
        assert part["description"]
        assert [field for field, schema in part["properties"].items() if not schema.get("description")] == []


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.name)
def test_golden_events_keep_their_schema(file: Path) -> None:
    name = ".".join(file.name.split(".")[:2])
    validator(name).validate(json.loads(file.read_text()))


def test_a_producer_may_leave_out_what_has_a_default_and_a_reader_finds_it() -> None:
    assert SCHEMAS[SUBMITTED]["required"] == ["application_id", "application"]
    optional = set(SCHEMAS["ApplicationDecided.v1"]["properties"]) - set(
        SCHEMAS["ApplicationDecided.v1"]["required"]
    )
    assert optional == {"policy_rule", "shadow", "channel", "contract_type"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("AMT_CREDIT", 0),
        ("AMT_CREDIT", 10_000_000_001),
        ("AMT_CREDIT", "12"),
        ("AMT_CREDIT", True),
        ("AMT_CREDIT", None),
        ("SK_ID_CURR", 0),
        ("SK_ID_CURR", 1.5),
        ("CNT_CHILDREN", -1),
        ("CNT_CHILDREN", 1.5),
        ("FLAG_MOBIL", 2),
        ("FLAG_OWN_CAR", "yes"),
        ("HOUR_APPR_PROCESS_START", 24),
        ("WEEKDAY_APPR_PROCESS_START", "Monday"),
        ("EXT_SOURCE_1", 1.01),
        ("DAYS_BIRTH", 0),
        ("DAYS_EMPLOYED", 5),
        ("DAYS_EMPLOYED", 365_242),
        ("DAYS_REGISTRATION", 1),
        ("REGION_RATING_CLIENT", 4),
        ("CODE_GENDER", 1),
        ("OCCUPATION_TYPE", "x" * 65),
    ],
)
def test_schema_and_code_refuse_the_same_cells(column: str, value: object) -> None:
    event = smallest()
    event["application"][column] = value
    assert not validator(SUBMITTED).is_valid(event)
    with pytest.raises(ContractError, match=rf"^application\.{column}: "):
        decode(LoanApplicationSubmitted, json.dumps(event).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("application_id", ""),
        ("application_id", "two words"),
        ("application_id", "x" * 65),
        ("application_id", 12),
        ("event", "LoanForgotten"),
        ("version", 2),
        ("version", "1"),
        ("channel", "x" * 33),
        ("channel", "two\nlines"),
        ("submitted_at", 12),
        ("submitted_at", "12"),
        ("submitted_at", "9999-12-31T23:59:59-12:00"),
        ("application", []),
    ],
)
def test_schema_and_code_refuse_the_same_fields(field: str, value: object) -> None:
    event = smallest() | {field: value}
    assert not validator(SUBMITTED).is_valid(event)
    with pytest.raises(ContractError, match=rf"^{field}: "):
        decode(LoanApplicationSubmitted, json.dumps(event).encode())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("DAYS_EMPLOYED", 365_243),
        ("DAYS_EMPLOYED", 0),
        ("CNT_CHILDREN", 2.0),
        ("REGION_RATING_CLIENT_W_CITY", -1),
        ("CODE_GENDER", "XNA"),
        ("OCCUPATION_TYPE", "Astronauts"),
        ("EXT_SOURCE_3", None),
        ("FAVOURITE_COLOUR", ["green"]),
    ],
)
def test_schema_and_code_accept_the_same_cells(column: str, value: object) -> None:
    event = copy.deepcopy(smallest())
    event["application"][column] = value
    validator(SUBMITTED).validate(event)
    decode(LoanApplicationSubmitted, json.dumps(event).encode())


def test_the_descriptions_name_the_words_that_the_scorecard_knows() -> None:
    columns = SCHEMAS[SUBMITTED]["$defs"]["LoanApplication"]["properties"]
    unnamed = [
        (column, word)
        for column, words in KNOWN_WORDS.items()
        for word in words
        if word.rstrip(" 0123456789") not in json.dumps(columns[column])
    ]
    assert unnamed == []
