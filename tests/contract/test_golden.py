"""Yesterday's events still parse: one file per event version, never changed once it is released."""

import json

import pytest

from services.contracts.application import LoanApplication
from services.contracts.codec import decode, encode
from services.contracts.event import Event
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.schemas import contract_name
from services.contracts.topics import TOPICS
from tests.contract.repository import GOLDEN

CONTRACTS = {contract_name(event): event for topic in TOPICS for event in topic.events}
FILES = sorted(path.name for path in GOLDEN.glob("*.json"))


def contract_of(file: str) -> type[Event]:
    return CONTRACTS[".".join(file.split(".")[:2])]


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_event_version_has_a_golden_file_with_every_field(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert set(golden) == set(CONTRACTS[name].model_fields)


def test_the_full_application_has_every_column() -> None:
    golden = json.loads((GOLDEN / "LoanApplicationSubmitted.v1.json").read_text())
    assert list(golden["application"]) == list(LoanApplication.model_fields)
    assert len(golden["application"]) == 121


def test_the_minimal_application_has_only_what_is_required() -> None:
    golden = json.loads((GOLDEN / "LoanApplicationSubmitted.v1.minimal.json").read_text())
    assert set(golden) == {"application_id", "application"}
    for column in golden["application"]:
        without = {key: value for key, value in golden["application"].items() if key != column}
        with pytest.raises(ValueError, match=f"{column}: Field required"):
            decode(LoanApplicationSubmitted, json.dumps({**golden, "application": without}).encode())


@pytest.mark.parametrize("file", FILES)
def test_a_golden_event_parses_and_is_written_equal(file: str) -> None:
    contract = contract_of(file)
    golden = (GOLDEN / file).read_bytes()
    event = decode(contract, golden)
    record = encode(event, event_id="1", source="test")
    assert decode(contract, record.value, record.headers) == event
    assert record.key.decode() == event.subject()
    assert paths(json.loads(golden)) <= paths(json.loads(record.value))


def paths(node: object, above: str = "") -> set[str]:
    """Return where the cells of a JSON value are: a field that the contract has lost is not written."""
    if isinstance(node, dict):
        return {path for name, value in node.items() for path in paths(value, f"{above}.{name}")}
    if isinstance(node, list):
        return {path for place, value in enumerate(node) for path in paths(value, f"{above}.{place}")}
    return {above}
