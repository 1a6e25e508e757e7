"""The operators' page and its interface as one application."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from services.kit.errors import UnavailableError
from services.kit.probes import probe_routes
from services.monitoring import routes_operate, routes_read
from services.monitoring.body_limit import BodyLimit
from services.monitoring.known_hosts import KnownHosts
from services.monitoring.page_files import page_routes
from services.monitoring.parts import Parts
from services.monitoring.problems import ProblemError, problem


def create_application(
    parts: Parts,
    registry: CollectorRegistry,
    *,
    alive: Callable[[], Sequence[str]],
    ready: Callable[[], Sequence[str]],
) -> FastAPI:
    """Return the application, which connects to nothing by itself."""
    probes = probe_routes(alive, ready, registry)
    free = {route.path for route in probes if isinstance(route, Route)}
    application = FastAPI(
        title="Octroi monitoring",
        version="1",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(KnownHosts, parts.settings.hosts, free),
            Middleware(GZipMiddleware, minimum_size=1000),
            Middleware(BodyLimit),
        ],
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _refused,
            UnavailableError: _unavailable,
            RequestValidationError: _invalid,
        },
    )
    application.state.parts = parts
    application.router.routes.extend([*probes, *page_routes()])
    application.include_router(routes_read.router)
    application.include_router(routes_operate.router)
    return application


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - it is registered for nothing else
    return problem(error.status, str(error), **error.headers)


async def _refused(_: Request, error: Exception) -> Response:
    """Tell in our form what the framework refuses: no such page or method, a body that is no UTF-8."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    return problem(HTTPStatus(error.status_code), error.detail, **(error.headers or {}))


async def _unavailable(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}; try again in a moment", **{"Retry-After": "2"})


async def _invalid(_: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else ()
    told = "; ".join(f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in faults)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, told)
