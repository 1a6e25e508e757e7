"""The OpenAPI document: FastAPI's own, with the schemas that are read and written without its help."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.contracts.schemas import ContractSchema
from services.gateway.batch_resources import BatchErrors, BatchList, BatchResource
from services.gateway.problems import Problem
from services.gateway.resources import (
    ApplicationResource,
    BatchResult,
    DryRunDecisions,
    Page,
    Submission,
)

MODELS: Final[list[tuple[type[BaseModel], JsonSchemaMode]]] = [
    (Submission, "validation"),
    (ApplicationResource, "serialization"),
    (Page, "serialization"),
    (BatchResult, "serialization"),
    (DryRunDecisions, "serialization"),
    (BatchResource, "serialization"),
    (BatchList, "serialization"),
    (BatchErrors, "serialization"),
    (Problem, "serialization"),
]
SECURITY_SCHEMES: Final = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
TAGS: Final = [
    {"name": "submit", "description": "Hand in applications. Needs a key with the role `submit`."},
    {
        "name": "batches",
        "description": "Files of applications. To send or cancel takes the role `submit`, to look `read`.",
    },
    {"name": "read", "description": "See what became of them. Needs a key with the role `read`."},
]
DESCRIPTION: Final = """
Octroi decides loan applications: hand one in, and get a decision with its probability of default, its score
and its reasons. Times are RFC 3339 with a zone. Errors are problem documents (RFC 9457) that name the fields
at fault and what they may hold. An `X-Request-ID` of yours is found again in the answer, the logs and the
events; the headers `RateLimit` and `RateLimit-Policy` tell how much of the key's rate is left.
"""


def document(application: FastAPI) -> dict[str, Any]:
    """Return the document of `application`."""
    described = get_openapi(
        title=application.title,
        version=application.version,
        description=DESCRIPTION,
        routes=application.routes,
        tags=TAGS,
    )
    _, schemas = models_json_schema(
        MODELS, ref_template="#/components/schemas/{model}", schema_generator=ContractSchema
    )
    components = described.setdefault("components", {})
    components["schemas"] = schemas["$defs"]
    components["securitySchemes"] = SECURITY_SCHEMES
    return described
