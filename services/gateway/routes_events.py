"""An application's events as they happen, as server-sent events."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.requests import Request

from services.contracts.wire import write
from services.gateway.access import permitted
from services.gateway.arrivals import Expectation
from services.gateway.lookup import with_decision
from services.gateway.parts import Parts, parts_of
from services.gateway.problems import not_found
from services.gateway.reading import read_application_id
from services.gateway.rendering import resource
from services.gateway.states import ApplicationState
from services.kit.errors import UnavailableError
from services.kit.key_file import Role

FINAL: Final = frozenset({"decided", "dead"})
HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Proxies must pass events on at once."""


async def follow_application(request: Request) -> Response:
    """Follow an application: events `received`, then `decided` or `dead`, after which the stream ends.

    The data of an event is the application as `GET` shows it. Comments keep the connection open meanwhile.
    A client that comes back with `Last-Event-ID` gets what it has not seen; 204 says that nothing is left.
    """
    state = await known_application(request)
    seen = request.headers.get("last-event-id", "")
    if seen in FINAL and seen == state.state:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return EventSourceResponse(_events(parts_of(request), state, seen), headers=HEADERS)


async def known_application(request: Request) -> ApplicationState:
    """Return the application that the path names.

    Raises ProblemError where the caller may not read or nobody handed it in, UnavailableError as `find` does.
    """
    parts = parts_of(request)
    permitted(request, Role.READ)
    application_id = read_application_id(request)
    state = await parts.lookup.find(application_id, within=parts.settings.read_within.total_seconds())
    if state is None:
        raise not_found(application_id)
    return state


async def _events(parts: Parts, state: ApplicationState, seen: str) -> AsyncIterator[bytes]:
    if not seen:
        yield _event(replace(state, state="received", decision=None, failure=None))
    with parts.arrivals.expect(state.application_id) as expectation:
        while state.state not in FINAL:
            state = await _news(parts, state, expectation)
            if parts.arrivals.closed:
                return
            if state.state not in FINAL:
                yield format_sse_event(comment="heartbeat")
    yield _event(state)


async def _news(parts: Parts, state: ApplicationState, expectation: Expectation) -> ApplicationState:
    """Wait for the decision; after a while ask the ledger, which also knows of dead letters."""
    decision = await expectation.decision(parts.settings.heartbeat.total_seconds())
    if decision is not None:
        return with_decision(state, decision)
    try:
        within = parts.settings.read_within.total_seconds()
        return await parts.lookup.find(state.application_id, within=within) or state
    except UnavailableError:
        return state


def _event(state: ApplicationState) -> bytes:
    data = write(resource(state)).decode()
    return format_sse_event(event=state.state, id=state.state, data_str=data)
