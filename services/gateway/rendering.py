"""Answers: an application's state as a resource, and as the response that carries it."""

from http import HTTPStatus
from typing import Any, Final

from fastapi.responses import Response
from pydantic import BaseModel
from pydantic_core import from_json

from services.contracts.wire import as_wire_form, wire_form, write
from services.gateway.reading import JSON
from services.gateway.resources import ApplicationResource, links
from services.gateway.states import ApplicationState

REPLAYED: Final = "Idempotency-Replayed"


def resource(state: ApplicationState, cells: dict[str, Any] | None = None) -> ApplicationResource:
    """Return what clients see of an application, in its wire form."""
    return wire_form(ApplicationResource)(
        application_id=state.application_id,
        state=state.state,
        channel=state.channel,
        submitted_at=state.submitted_at,
        application=cells,
        decision=state.decision,
        failure=state.failure,
        links=as_wire_form(links(state.application_id)),
    )


def whole_resource(state: ApplicationState) -> ApplicationResource:
    """Return what clients see of an application, with its cells where they can be read."""
    return resource(state, _cells(state.event))


def _cells(event: bytes) -> dict[str, Any] | None:
    try:
        # As it was read when it was handed in: other readers round whole numbers of many digits.
        submitted = from_json(event)
    except ValueError:
        return None
    cells = submitted.get("application") if isinstance(submitted, dict) else None
    return cells if isinstance(cells, dict) else None


def json_response(
    content: BaseModel, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """Return `content`, a model or its wire form, as JSON, without what is None."""
    return Response(write(content), int(status), headers, JSON)


def accepted_response(state: ApplicationState, *, replayed: bool, wait: int | None) -> Response:
    """Return 200 with the decision, or 202 and where to look for it."""
    shown = resource(state)
    headers = {"Location": shown.links.self}
    if replayed:
        headers[REPLAYED] = "true"
    if wait:
        headers["Preference-Applied"] = f"wait={wait}"
    status = HTTPStatus.OK if state.decision else HTTPStatus.ACCEPTED
    return json_response(shown, status, headers)
