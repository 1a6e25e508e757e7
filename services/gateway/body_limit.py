"""Middleware: no request body above a size, whether it is announced or not."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import ProblemError


class BodyLimit:
    """Refuses a body of more than `largest` bytes: by its Content-Length, else once it gets too long."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError, also out of the inner application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        self._check(int(announced) if announced.isdecimal() else 0)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            self._check(seen)
            return message

        await self._app(scope, counted, send)

    def _check(self, size: int) -> None:
        if size > self._largest:
            raise too_large(f"The body has more than {self._largest} bytes; send less at a time.")


def too_large(detail: str) -> ProblemError:
    """Return the problem of a body that is too large."""
    # The rest of the body is not read, so the connection cannot be used again.
    headers = {"Connection": "close"}
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, kind="too-large", headers=headers)
