"""What OpenAPI documents of operations are put together from: parameters, bodies, answers."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from services.gateway import examples
from services.gateway.problems import MEDIA_TYPE
from services.kit.key_file import Role

JsonObject = dict[str, Any]
PROBLEMS: Final = {
    401: "No active API key was shown.",
    403: "The key lacks the role.",
    404: "Nobody handed in such an application.",
    409: "Another application has this id.",
    413: "The body is too large, or has too many values.",
    415: "The body's media type is not taken.",
    422: "The request is not valid; `errors` names the fields and what they may hold.",
    429: "The key's rate is spent.",
    500: "The gateway failed.",
    503: "The engine is not available or has its hands full; try again after `Retry-After`.",
}
COMMON: Final = (401, 403, 429, 500, 503)
RETRIED: Final = (429, 503)
NAMES_FIELDS: Final = (422,)
HEADERS: Final = {
    "Location": "Address of the application.",
    "Preference-Applied": "The wait that was granted, where one was asked for.",
    "Idempotency-Replayed": "true where the application was known.",
    "X-Request-ID": "Names the request in logs and events.",
    "Retry-After": "Seconds.",
    "Link": "Address of the next page, rel=next.",
}


def operation(
    name: str,
    role: Role,
    answers: dict[int, JsonObject],
    problems: tuple[int, ...],
    *,
    words: Mapping[int, str] = PROBLEMS,
    **extra: object,
) -> JsonObject:
    """Return what `add_api_route` takes for an operation that keys with `role` may ask for.

    `words` say its own problems better.
    """
    said = PROBLEMS | dict(words)
    refusals = {status: _problem(status, said[status]) for status in sorted({*COMMON, *problems})}
    return {
        "operation_id": name,
        "status_code": next(iter(answers)),
        "responses": answers | refusals,
        "openapi_extra": {"security": [{"apiKey": [role]}, {"bearer": [role]}], **extra},
    }


def answer(description: str, content: JsonObject, *headers: str) -> JsonObject:
    """Return a documented answer."""
    return {"description": description, "content": content, "headers": _headers("X-Request-ID", *headers)}


def content(media_type: str, schema: str | JsonObject, **more: object) -> JsonObject:
    """Return a body of `media_type`; `schema` is one, or the name of one."""
    shape = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    return {media_type: {"schema": shape, **more}}


def header(name: str, description: str, example: str) -> JsonObject:
    """Return a documented header of a request."""
    schema = {"type": "string"}
    return {"name": name, "in": "header", "description": description, "schema": schema, "example": example}


def query_parameters(model: type[BaseModel]) -> list[JsonObject]:
    """Return a parameter for each field of what a query is read into."""
    fields = model.model_json_schema()["properties"].items()
    return [
        {"name": name, "in": "query", "description": schema.pop("description"), "schema": schema}
        for name, schema in fields
    ]


def _headers(*names: str) -> JsonObject:
    return {name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in names}


def _problem(status: int, said: str) -> JsonObject:
    headers = ["Retry-After"] if status in RETRIED else []
    example = {"example": examples.as_json(examples.refusal())} if status in NAMES_FIELDS else {}
    return answer(said, content(MEDIA_TYPE, "Problem", **example), *headers)
