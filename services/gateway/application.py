"""The application: routes, middlewares and error handling around the parts."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.access import Access
from services.gateway.body_limit import BodyLimit
from services.gateway.in_flight import InFlight
from services.gateway.interface_page import interface_routes
from services.gateway.observation import Observation
from services.gateway.openapi import document
from services.gateway.parts import Parts
from services.gateway.problems import as_problem, internal
from services.gateway.routes_batches import ADDRESS as BATCHES
from services.gateway.routes_batches import add_batch_routes
from services.gateway.routes_dry_run import add_dry_run_route
from services.gateway.routes_read import add_read_routes
from services.gateway.routes_submit import add_submit_routes
from services.kit.probes import probe_routes

Endpoint = Callable[[Request], Awaitable[Response]]


class GatewayApplication(FastAPI):
    """FastAPI with the parts as its state and a document of its own."""

    def openapi(self) -> dict[str, object]:
        """Return the OpenAPI document, made when first asked for."""
        if not self.openapi_schema:
            self.openapi_schema = document(self)
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """Return the routes within our own middlewares.

        `Observation` answers whatever is raised in them. What FastAPI has for that, and for what nobody uses
        here, takes as long as all of ours.
        """
        stack: ASGIApp = Routes(self.router)
        for middleware, wired, named in reversed(self.user_middleware):
            stack = middleware(stack, *wired, **named)
        return stack


class Routes:
    """The routes; what they have no answer to is a problem like any other."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError where there is no such resource, or method of it."""
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            problem = as_problem(error, retry_after=0) or internal()
            if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
                problem.headers["Allow"] = ", ".join(sorted(self._methods(scope)))
            raise problem from error

    def _methods(self, scope: Scope) -> set[str]:
        """Return the methods of all routes of the path; the framework tells those of the first one alone."""
        routes: list[Any] = [each for each in self._router.routes if each.matches(scope)[0] is not Match.NONE]
        return {method for route in routes for method in route.methods}


class RequestRoute(APIRoute):
    """A route whose endpoint takes the request and gives the response.

    What FastAPI would solve and check around it has nothing to do here, and takes as long as all the rest
    of its routing.
    """

    def __init__(self, path: str, endpoint: Endpoint, **described: Any) -> None:  # noqa: ANN401 - as FastAPI's
        super().__init__(path, endpoint, **described)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await endpoint(Request(scope, receive, send))
            await response(scope, receive, send)

        self.app = answer


def create_application(parts: Parts) -> FastAPI:
    """Return the application, which connects to nothing by itself."""
    settings = parts.settings
    retry_after = int(settings.retry_after.total_seconds())
    application = GatewayApplication(
        title="Octroi",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(Observation, parts.metrics, retry_after),
            Middleware(Access, parts.keys, parts.rate, parts.refused),
            Middleware(InFlight, settings.requests_in_flight, hold=retry_after / 2, retry_after=retry_after),
            Middleware(
                InFlight,
                settings.files_in_flight,
                hold=retry_after / 2,
                retry_after=retry_after,
                path=BATCHES,
            ),
            Middleware(
                BodyLimit,
                settings.largest_body,
                {BATCHES: settings.largest_file},
                most_held=settings.bodies_held,
                retry_after=retry_after,
            ),
        ],
    )
    application.state.parts = parts
    application.router.route_class = RequestRoute
    application.router.routes.extend(interface_routes(application.title))
    application.router.routes.extend(probe_routes(parts.not_alive, parts.not_ready, parts.registry))
    add_submit_routes(application.router)
    add_dry_run_route(application.router)
    add_read_routes(application.router)
    add_batch_routes(application.router)
    return application
