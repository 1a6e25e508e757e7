"""Topics and events, of the AsyncAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.documents.tables import code, table
from services.contracts.asyncapi import document
from services.contracts.schemas import event_schemas
from services.contracts.topics import TOPICS, Topic


def events_page() -> str:
    """Return the page."""
    schemas = event_schemas()
    topics = table(("Topic", "Key", "Kept", ""), (_topic(each) for each in TOPICS))
    parts = ["# Topics and events", str(document()["info"]["description"]), topics]
    for name, schema in sorted(schemas.items()):
        parts += [f"## {name}", schema.get("description", ""), table(("Field", "Type", ""), _fields(schema))]
    return "\n\n".join(parts) + "\n"


def _topic(topic: Topic) -> tuple[str, ...]:
    kept = "for ever" if topic.retention is None else f"{topic.retention}"
    return code(topic.name), code(topic.key), "newest of each key" if topic.compacted else kept, topic.summary


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    needed = schema.get("required", ())
    for name, told in schema["properties"].items():
        optional = "" if name in needed else " (optional)"
        yield code(name), type_of(told) + optional, told.get("description", "")


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the type that a JSON schema describes, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return code(schema["const"])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(dict.fromkeys(type_of(each) for each in schema[choice]))
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "any"))
