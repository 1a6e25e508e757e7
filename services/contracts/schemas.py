"""JSON Schemas of the events, as a party outside the engine meets them."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from services.contracts.event import Event
from services.contracts.topics import TOPICS, Topic

JsonObject = dict[str, Any]
ModelField = core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField


class ContractSchema(GenerateJsonSchema):
    """JSON Schema of what `decode` reads (mode validation) or `encode` writes (mode serialization).

    `encode` leaves out what is None and writes all else: a written event holds no null, and only what
    may be None can be missing from it.
    """

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - for every schema alike
        """Return False: a title would only repeat the name."""
        return False

    def field_is_required(self, field: ModelField, total: bool) -> bool:
        """Return whether every record has the field."""
        schema = field["schema"]
        if self.mode == "serialization" and schema["type"] == "default":
            return schema.get("default") is not None
        return super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonObject:
        """Return the schema, with its default where that says something to a producer."""
        if self.mode == "serialization" or schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonObject:
        """Return the schema, with null where a producer may write it."""
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().nullable_schema(schema)


def contract_name(event: type[Event]) -> str:
    """Return the name and version of an event, for example ApplicationDecided.v1."""
    return event.event_type().removeprefix(f"{Event.NAMESPACE}.")


def mode(topic: Topic) -> JsonSchemaMode:
    """Return whether parties outside the engine need to know what is read from `topic` or written to it."""
    return "validation" if topic.from_outside else "serialization"


def event_schemas() -> dict[str, JsonObject]:
    """Return a JSON Schema (2020-12) by contract name for every event of every topic."""
    return {contract_name(event): _document(event, mode(topic)) for topic in TOPICS for event in topic.events}


def shared_definitions(ref_template: str) -> dict[str, JsonObject]:
    """Return the schemas of all events and their parts by class name, with references by `ref_template`."""
    models = [(event, mode(topic)) for topic in TOPICS for event in topic.events]
    _, schema = models_json_schema(models, ref_template=ref_template, schema_generator=ContractSchema)
    described: dict[str, JsonObject] = _on_one_line(schema["$defs"])
    return described


def _document(event: type[Event], mode: JsonSchemaMode) -> JsonObject:
    schema = event.model_json_schema(mode=mode, schema_generator=ContractSchema)
    identity = {
        "$schema": ContractSchema.schema_dialect,
        "$id": f"urn:octroi:contract:{contract_name(event)}",
        "title": contract_name(event),
    }
    described: JsonObject = _on_one_line({key: part for key, part in schema.items() if key != "title"})
    return identity | described


def _on_one_line(node: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        return {name: _on_one_line(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_on_one_line(value) for value in node]
    return " ".join(node.split()) if key == "description" and isinstance(node, str) else node
