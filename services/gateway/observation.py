"""The outermost middleware: a request's id, its line of log, its metrics, and errors as problem documents."""

import re
from secrets import token_hex
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.context import SCOPE_KEY, RequestContext
from services.gateway.metrics import GatewayMetrics
from services.gateway.problems import as_problem, internal
from services.kit.errors import UnavailableError
from services.kit.logs import where

ACCEPTED_ID: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
QUIET: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked for every few seconds by machines: logged at level DEBUG."""
GONE: Final = 499
"""What is logged where the client left before it was answered."""
log = structlog.stdlib.get_logger("request")


class Observation:
    """Sees every request whole. Never logs what is in a body or a query."""

    def __init__(self, app: ASGIApp, metrics: GatewayMetrics, retry_after: int) -> None:
        self._app = app
        self._metrics = metrics
        self._retry_after = retry_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, whatever happens in it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = RequestContext(_request_id(scope))
        context.headers["X-Request-ID"] = context.request_id
        scope[SCOPE_KEY] = context
        # Each request runs in a task of its own, so that nothing has to be unbound.
        structlog.contextvars.bind_contextvars(request_id=context.request_id)
        started = perf_counter()
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message).update(context.headers)
            await send(message)

        try:
            await self._app(scope, receive, marked)
        except ClientDisconnect:
            status = GONE
        except Exception as error:  # noqa: BLE001 - a client is answered whatever happens
            problem = as_problem(error, self._retry_after)
            if problem is None:
                log.error("request_crashed", error=type(error).__name__, where=where(error))  # noqa: TRY400
            elif isinstance(error, UnavailableError):
                log.warning("request_unavailable", error=str(error))
            if not status:
                answer = (problem or internal()).response(context.request_id)
                await answer(scope, receive, marked)
        finally:
            self._account(scope, context, status or GONE, perf_counter() - started)

    def _account(self, scope: Scope, context: RequestContext, status: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.answered(route, scope["method"], status, seconds)
        say = log.debug if route in QUIET else log.info
        say(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            key=context.caller.id if context.caller else None,
        )


def _route(scope: Scope) -> str:
    """Return the path as it was declared: values in it would make a metric of each application."""
    declared = getattr(scope.get("route"), "path", None)
    return declared or (scope["path"] if "endpoint" in scope else "none")


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if ACCEPTED_ID.fullmatch(given) else token_hex(16)
