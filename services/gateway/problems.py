"""Errors as answers: RFC 9457 problem documents, one form for all."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from fastapi.responses import Response
from pydantic import ConfigDict
from starlette.exceptions import HTTPException

from services.contracts.described import Described
from services.contracts.wire import as_wire_form, wire_form
from services.kit.errors import UnavailableError

MEDIA_TYPE: Final = "application/problem+json"
NAMESPACE: Final = "urn:octroi:problem:"
NAMED: Final = 3
"""Fields that the detail names; `errors` has more."""


class FieldProblem(Described):
    """What is wrong with one field."""

    model_config = ConfigDict(frozen=True)

    field: str
    """Where it is, for example application.AMT_CREDIT; body, header or query where it is not in the body."""
    message: str
    """What is wrong, without the value."""
    allowed: str | None = None
    """What the field may hold."""


class Problem(Described):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str
    """Names the kind of problem for programs."""
    title: str
    """The kind of problem in words; the same for all of its kind."""
    status: int
    """The HTTP status code."""
    detail: str
    """This very problem, and the way out."""
    request_id: str | None = None
    """Names the request in the logs."""
    errors: tuple[FieldProblem, ...] | None = None
    """The fields at fault, where there are any."""


class ProblemError(Exception):
    """A request cannot be served; the client is told as a problem document."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self._detail = detail
        self._kind = kind or status.phrase.lower().replace(" ", "-")
        self._errors = tuple(errors)

    def problem(self, request_id: str | None = None) -> Problem:
        """Return the document."""
        return Problem(
            type=NAMESPACE + self._kind,
            title=self._kind.replace("-", " ").capitalize(),
            status=self.status,
            detail=self._detail,
            request_id=request_id,
            errors=self._errors or None,
        )

    def in_wire_form(self, request_id: str | None = None) -> Problem:
        """Return the document in its wire form, which takes a fraction of the memory: an answer has many."""
        told = self.problem(request_id)
        errors = tuple(map(as_wire_form, told.errors or ()))
        return wire_form(Problem)(**{**told.__dict__, "errors": errors or None})

    def response(self, request_id: str | None = None) -> Response:
        """Return the answer to send."""
        content = self.problem(request_id).model_dump_json(exclude_none=True)
        return Response(content, int(self.status), self.headers, MEDIA_TYPE)


def invalid(errors: Sequence[FieldProblem]) -> ProblemError:
    """Return the problem of a request whose fields are at fault."""
    detail = f"Put right {', '.join(map(_name, errors[:NAMED]))}"
    detail += f" and {len(errors) - NAMED} more, see `errors`." if len(errors) > NAMED else "."
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="invalid-request", errors=errors)


def _name(error: FieldProblem) -> str:
    return f"the body ({error.message})" if error.field == "body" else error.field


def unavailable(detail: str, retry_after: int) -> ProblemError:
    """Return the problem of a part that is away. `retry_after` is in seconds."""
    headers = {"Retry-After": str(retry_after)}
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)


def not_found(application_id: str) -> ProblemError:
    """Return the problem of an application that nobody handed in."""
    detail = f"There is no application {application_id}. One just accepted may need a moment to be found."
    return ProblemError(HTTPStatus.NOT_FOUND, detail, kind="unknown-application")


def internal() -> ProblemError:
    """Return the problem of an error of the gateway's own, of which the client learns nothing more."""
    detail = "The gateway failed; its log says more under this request id."
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def as_problem(error: Exception, retry_after: int) -> ProblemError | None:
    """Return the problem that `error` stands for, or None for an error of the gateway's own."""
    match error:
        case ProblemError():
            return error
        case UnavailableError():
            return unavailable("The engine is not available at the moment; try again.", retry_after)
        case HTTPException():
            return ProblemError(HTTPStatus(error.status_code), _hint(error), headers=error.headers)
    return None


def _hint(error: HTTPException) -> str:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return "There is no such resource; /docs shows what there is."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return "The resource has no such method; the header Allow names those it has."
    return error.detail
