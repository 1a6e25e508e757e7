"""The AsyncAPI document is well formed, complete, and enough for a producer who knows nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.contracts.codec import LARGEST_EVENT, ContractError, decode, encode
from services.contracts.events import ApplicationDecided, LoanApplicationSubmitted
from services.contracts.headers import CLOUD_EVENT_HEADERS, DEAD_LETTER_HEADERS
from services.contracts.schemas import contract_name
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, OUTCOMES, TOPICS, Topic
from tests.contract.repository import DOCUMENTS, GOLDEN

DOCUMENT: dict[str, Any] = json.loads((DOCUMENTS / "asyncapi.json").read_text())
MESSAGES = DOCUMENT["components"]["messages"]
OPERATIONS = DOCUMENT["operations"]
CHANNELS = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
ROOT = {"asyncapi", "id", "info", "defaultContentType", "servers", "channels", "operations", "components"}
CONTRACTS = {contract_name(event): event for topic in TOPICS for event in topic.events}
EVENT_MESSAGES = sorted(set(MESSAGES) - {"DeadLetter"})


def resolve(reference: str) -> Any:  # noqa: ANN401 - any part of the document
    part: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        part = part[name]
    return part


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def payload_validator(message: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**message["payload"], "components": DOCUMENT["components"]})


def test_the_root_has_the_parts_of_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT) == ROOT
    assert DOCUMENT["info"]["title"] == "Octroi"
    assert re.fullmatch(r"\d+\.\d+\.\d+", DOCUMENT["info"]["version"])


def test_the_server_is_a_variable_and_no_address() -> None:
    [server] = DOCUMENT["servers"].values()
    assert server["protocol"] == "kafka"
    assert server["host"] == "{bootstrapServers}"
    assert set(server["variables"]["bootstrapServers"]) == {"description"}


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert reference.startswith("#/")
        assert resolve(reference)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_has_a_channel_with_key_retention_and_messages(topic: Topic) -> None:
    channel = CHANNELS[topic.name]
    assert set(channel["messages"]) == ({contract_name(event) for event in topic.events} or {"DeadLetter"})
    assert f"Key: {topic.key}." in channel["description"]
    binding = channel["bindings"]["kafka"]
    assert binding["topic"] == topic.name
    kept = -1 if topic.retention is None else topic.retention / timedelta(milliseconds=1)
    assert binding["topicConfiguration"]["retention.ms"] == kept
    assert binding["topicConfiguration"]["cleanup.policy"] == ["compact" if topic.compacted else "delete"]
    assert binding.get("partitions") == (1 if topic.single_partition else None)


def test_operations_are_seen_from_the_other_system() -> None:
    actions = {resolve(part["channel"]["$ref"])["address"]: part["action"] for part in OPERATIONS.values()}
    assert set(actions) == {topic.name for topic in TOPICS}
    assert {name for name, action in actions.items() if action == "send"} == {
        APPLICATIONS.name,
        OUTCOMES.name,
    }
    assert set(actions.values()) == {"send", "receive"}


def test_operations_speak_of_the_messages_of_their_channel() -> None:
    for operation in OPERATIONS.values():
        channel = operation["channel"]["$ref"]
        expected = {f"{channel}/messages/{name}" for name in resolve(channel)["messages"]}
        assert {message["$ref"] for message in operation["messages"]} == expected


@pytest.mark.parametrize("name", EVENT_MESSAGES)
def test_the_headers_of_events_are_those_that_are_written(name: str) -> None:
    event = decode(CONTRACTS[name], (GOLDEN / f"{name}.json").read_bytes())
    written = dict(encode(event, event_id="1", source="octroi/test", request_id="2").headers)
    headers = MESSAGES[name]["headers"]
    assert set(headers["properties"]) == set(written) == {header.name for header in CLOUD_EVENT_HEADERS}
    assert headers["properties"]["ce_type"]["const"] == written["ce_type"].decode()
    from_us = dict(encode(event, event_id="1", source="octroi/test").headers)
    sent = name in {contract_name(event) for topic in (APPLICATIONS, OUTCOMES) for event in topic.events}
    assert set(headers["required"]) == (set() if sent else set(from_us))


@pytest.mark.parametrize("name", EVENT_MESSAGES)
def test_examples_keep_the_schema_and_the_code(name: str) -> None:
    assert MESSAGES[name]["examples"]
    for example in MESSAGES[name]["examples"]:
        payload_validator(MESSAGES[name]).validate(example["payload"])
        event = decode(CONTRACTS[name], json.dumps(example["payload"]).encode())
        assert set(example["payload"]) <= set(CONTRACTS[name].model_fields)
        topic = next(topic for topic in TOPICS if CONTRACTS[name] in topic.events)
        assert event.subject() == example["payload"][topic.key]


def test_the_dead_letter_has_the_headers_that_stages_write_and_a_true_example() -> None:
    message = MESSAGES["DeadLetter"]
    names = [header.name for header in DEAD_LETTER_HEADERS]
    always = [header.name for header in DEAD_LETTER_HEADERS if header.always]
    assert list(message["headers"]["properties"]) == names
    assert message["headers"]["required"] == always
    [example] = message["examples"]
    Draft202012Validator(message["headers"]).validate(example["headers"])
    with pytest.raises(ContractError) as refused:
        decode(LoanApplicationSubmitted, json.dumps(example["payload"]).encode())
    assert str(refused.value) == example["headers"]["octroi_error"]


def test_a_producer_finds_where_to_ask_and_where_the_answer_comes() -> None:
    ask = OPERATIONS["submitApplication"]
    assert resolve(ask["channel"]["$ref"])["address"] == APPLICATIONS.name
    assert resolve(ask["reply"]["channel"]["$ref"])["address"] == DECISIONS.name
    [answer] = ask["reply"]["messages"]
    message = resolve(resolve(answer["$ref"])["$ref"])
    assert message["correlationId"]["location"] == "$message.payload#/application_id"
    assert message["payload"]["$ref"].endswith(ApplicationDecided.__name__)


def test_what_the_schema_calls_required_is_enough() -> None:
    schema = resolve(MESSAGES["LoanApplicationSubmitted.v1"]["payload"]["$ref"])
    assert schema["required"] == ["application_id", "application"]
    columns = resolve(schema["properties"]["application"]["$ref"])
    cells = {name: columns["properties"][name].get("maximum") for name in columns["required"]}
    event = decode(
        LoanApplicationSubmitted, json.dumps({"application_id": "mine", "application": cells}).encode()
    )
    assert event.application_id == "mine"


def test_the_guide_says_what_the_schema_cannot() -> None:
    guide = DOCUMENT["info"]["description"]
    columns = DOCUMENT["components"]["schemas"]["LoanApplication"]["required"]
    assert columns
    for word in [
        *(f"`{column}`" for column in columns),
        str(LARGEST_EVENT),
        "application_id",
        "isolation.level=read_committed",
        "acks=all",
        "octroi_error",
        LoanApplicationSubmitted.event_type(),
        *(topic.name for topic in (APPLICATIONS, DECISIONS, DEAD_LETTERS)),
    ]:
        assert word in guide
