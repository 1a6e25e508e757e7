"""The messages of the AsyncAPI document: headers, value, key and examples of each event and dead letter."""

from collections.abc import Sequence
from inspect import getdoc
from typing import Final

from services.contracts.event import Event
from services.contracts.examples import EXAMPLES, UNREADABLE
from services.contracts.headers import CLOUD_EVENT_HEADERS, DEAD_LETTER_HEADERS, Header
from services.contracts.schemas import JsonObject, contract_name
from services.contracts.topics import DEAD_LETTERS, TOPICS, Topic

KAFKA_BINDING: Final = "0.5.0"
DEAD_LETTER: Final = "DeadLetter"


def messages() -> dict[str, JsonObject]:
    """Return every message by its name."""
    events = {contract_name(event): _event(topic, event) for topic in TOPICS for event in topic.events}
    return events | {DEAD_LETTER: _dead_letter()}


def message_names(topic: Topic) -> Sequence[str]:
    """Return the names of the messages that `topic` carries."""
    return [contract_name(event) for event in topic.events] or [DEAD_LETTER]


def _event(topic: Topic, event: type[Event]) -> JsonObject:
    name = contract_name(event)
    headers = _headers(CLOUD_EVENT_HEADERS, written_by_us=not topic.from_outside)
    headers["properties"]["ce_type"] |= {"const": event.event_type(), "examples": [event.event_type()]}
    message: JsonObject = {
        "name": name,
        "title": name,
        "summary": getdoc(event),
        "contentType": "application/json",
        "headers": headers,
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": _key(topic),
        "examples": [{"payload": example} for example in EXAMPLES[name]],
    }
    if topic.key == "application_id":
        message["correlationId"] = {"location": "$message.payload#/application_id"}
    return message


def _dead_letter() -> JsonObject:
    return {
        "name": DEAD_LETTER,
        "title": DEAD_LETTER,
        "summary": "A record that a stage could not read, untouched, with headers that say where and why.",
        "contentType": "application/octet-stream",
        "headers": _headers(DEAD_LETTER_HEADERS, written_by_us=True),
        "payload": {"description": "The bytes of the record, as they came."},
        "bindings": _key(DEAD_LETTERS),
        "examples": [
            {
                "headers": {header.name: header.example for header in DEAD_LETTER_HEADERS},
                "payload": UNREADABLE,
            }
        ],
    }


def _headers(headers: Sequence[Header], *, written_by_us: bool) -> JsonObject:
    return {
        "type": "object",
        "properties": {
            header.name: {"type": "string", "description": header.description, "examples": [header.example]}
            for header in headers
        },
        "required": [header.name for header in headers if header.always and written_by_us],
    }


def _key(topic: Topic) -> JsonObject:
    key = {"type": "string", "description": f"The {topic.key}, in UTF-8."}
    return {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}}
