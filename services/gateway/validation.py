"""From a validation error to what is wrong with each field and what it may hold, never the value."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from services.gateway.problems import FieldProblem

SHOWN: Final = 20
"""Most errors that one answer lists."""
NAME_LENGTH: Final = 80
BOUNDS: Final = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "multipleOf": "in steps of",
    "minLength": "with a length of at least",
    "maxLength": "with a length of at most",
    "pattern": "like",
}


def field_problems(model: type[BaseModel], error: ValidationError, *, inside: str = "") -> list[FieldProblem]:
    """Return the first errors of validating `model`; `inside` names where it is, for example query."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return [_field_problem(model, detail["loc"], detail["msg"], inside) for detail in details[:SHOWN]]


def _field_problem(
    model: type[BaseModel], location: Sequence[int | str], message: str, inside: str
) -> FieldProblem:
    names = [name for name in (inside, *(str(part)[:NAME_LENGTH] for part in location)) if name]
    schema = _find(_schema(model), location) if location else None
    return FieldProblem(
        field=".".join(names) or "body", message=message, allowed=_words(schema) if schema else None
    )


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _find(schema: Mapping[str, Any], location: Sequence[int | str]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = schema
    for part in location:
        found = _resolve(schema, found or {}).get("properties", {}).get(part)
    return found


def _resolve(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    resolved: Mapping[str, Any] = schema["$defs"][name] if name else part
    return resolved


def _words(schema: Mapping[str, Any]) -> str | None:
    """Say a schema in words, for example: number above 0, at most 10000000000."""
    if "anyOf" in schema:
        return " or ".join(filter(None, map(_words, schema["anyOf"]))) or None
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    bounds = [f"{word} {_plain(schema[key])}" for key, word in BOUNDS.items() if key in schema]
    kind = schema.get("type", "")
    return " ".join([kind, ", ".join(bounds)]).strip() or None


def _plain(bound: object) -> str:
    return str(int(bound)) if isinstance(bound, float) and bound.is_integer() else str(bound)
