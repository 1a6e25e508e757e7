"""How the operators' interface says that something is wrong: problem documents (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi.responses import JSONResponse, Response

from services.contracts.described import Described

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Described):
    """A problem document."""

    type: str
    """Always about:blank: the status tells the kind."""
    title: str
    """The kind of problem in words."""
    status: int
    """The HTTP status code."""
    detail: str
    """This very problem, and the way out."""


class ProblemError(Exception):
    """A request that cannot be served, told as a problem document."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}


def problem(status: HTTPStatus, detail: str, **headers: str) -> Response:
    """Return a problem document."""
    told = Problem(type="about:blank", title=status.phrase, status=status.value, detail=detail)
    return JSONResponse(told.model_dump(), status.value, headers, MEDIA_TYPE)


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of answers with these statuses."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status.value: {"description": status.phrase, "content": content} for status in statuses}
