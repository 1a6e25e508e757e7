"""REST: the routes of the gateway and of monitoring."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from infra.documents.events_page import type_of
from infra.documents.tables import code, table
from services.monitoring import routes_operate, routes_read

GATEWAY: Final = Path("docs/contracts/openapi.json")
OPENING: Final = (
    "A running gateway lets you try it at `/docs`. Bodies, answers and roles stand in `/openapi.json` of "
    "each, the gateway's [here](../contracts/openapi.json) too."
)


def rest_page() -> str:
    """Return the page."""
    gateway = json.loads(GATEWAY.read_text(encoding="utf-8"))
    watching = FastAPI(title="Octroi monitoring", version="1")
    watching.include_router(routes_read.router)
    watching.include_router(routes_operate.router)
    parts = ["# REST", OPENING]
    for title, document in (("Gateway", gateway), ("Monitoring", watching.openapi())):
        parts.append(f"## {title}")
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                parts += _operation(path, method, operation)
    return "\n\n".join(parts) + "\n"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()} {path}"
    yield str(operation.get("description") or operation.get("summary", ""))
    parameters = operation.get("parameters", ())
    if parameters:
        yield table(("Parameter", "In", "Type", ""), (_parameter(each) for each in parameters))
    answers = operation.get("responses", {}).items()
    yield table(("Answer", ""), ((code(status), told.get("description", "")) for status, told in answers))


def _parameter(told: Mapping[str, Any]) -> tuple[str, ...]:
    schema = told.get("schema", {})
    return (
        code(told["name"]),
        told["in"],
        type_of(schema),
        told.get("description") or schema.get("description", ""),
    )
