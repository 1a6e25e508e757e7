"""What a supervisor and Prometheus ask a service: is it alive, is it ready, what does it count."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, cast

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from services.kit.errors import FatalError
from services.kit.patience import ImpatientProtocol, Patience

Check = Callable[[], Sequence[str]]
"""Returns what is wrong, a sentence each; nothing when all is well."""
Application = Callable[[Check, Check, CollectorRegistry], ASGIApp]
"""Makes what is served of the checks for liveness and readiness, and of the metrics."""
PATIENCE: Final = Patience()
ACCEPTED_AT_ONCE: Final = 16
"""Connections that a pass of the event loop lets in. By libuv it is one for each socket that listens, so that
of a crowd some would wait until those that were let in before them fall silent."""
log = structlog.stdlib.get_logger("http")


def probe_routes(alive: Check, ready: Check, registry: CollectorRegistry) -> list[BaseRoute]:
    """Return the routes /health/live, /health/ready (200, or 503 with reasons) and /metrics."""

    def answer(problems: Sequence[str]) -> Response:
        body = {"status": "unavailable" if problems else "ok", "problems": list(problems)}
        return JSONResponse(body, status_code=503 if problems else 200)

    async def live(_: Request) -> Response:
        return answer(alive())

    async def readiness(_: Request) -> Response:
        return answer(ready())

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health/live", live),
        Route("/health/ready", readiness),
        Route("/metrics", metrics),
    ]


def probe_application(alive: Check, ready: Check, registry: CollectorRegistry) -> ASGIApp:
    """Return an application of the probes alone, for services without an interface of their own."""
    return Starlette(routes=probe_routes(alive, ready, registry))


async def serve_http(
    application: ASGIApp, *, host: str, port: int, stop: asyncio.Event, patience: Patience = PATIENCE
) -> None:
    """Serve until `stop`, then finish the requests in flight. Raises FatalError when the port is taken."""
    # No application here has a lifespan, and cancelled ones are logged with a traceback.
    config = uvicorn.Config(
        application,
        http=cast("type[asyncio.Protocol]", partial(ImpatientProtocol, patience)),
        log_config=None,
        access_log=False,
        # Nobody speaks it here, and it would leave the bounds of a connection behind.
        ws="none",
        lifespan="off",
        timeout_keep_alive=patience.between_requests,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    listening = _listen(host, port)
    doors = [listening, *(listening.dup() for _ in range(1, ACCEPTED_AT_ONCE))]
    log.info("listening", host=host, port=listening.getsockname()[1])
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=doors))
        waiting = group.create_task(stop.wait())
        await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        waiting.cancel()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise FatalError(f"port {port} is taken: stop the other program or set another port") from error
        raise FatalError(f"cannot listen on {host} port {port}: {error.strerror}; set another") from error


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process has its own, and stops all parts in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
