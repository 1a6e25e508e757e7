"""Middleware: no request body above a size, whether it is announced or not, nor many large ones at once."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.problems import ProblemError, unavailable


class BodyLimit:
    """Refuses a body of more than `largest` bytes: by its Content-Length, else once it gets too long.

    Refuses a part of a body, too, that would make more than `most_held` bytes of all bodies at hand.

    Paths in `larger`, which read their bodies piece by piece, have limits of their own, and hold nothing.
    """

    def __init__(
        self, app: ASGIApp, largest: int, larger: Mapping[str, int], *, most_held: int, retry_after: int
    ) -> None:
        self._app = app
        self._largest = largest
        self._larger = larger
        self._most_held = most_held
        self._retry_after = retry_after
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError, also out of the inner application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        largest = self._larger.get(scope["path"], self._largest)
        is_held = scope["path"] not in self._larger
        _check(int(announced) if announced.isdecimal() else 0, largest)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            size = len(message.get("body", b""))
            seen += size
            self._held += size * is_held
            _check(seen, largest)
            if is_held and self._held > self._most_held:
                raise unavailable(
                    "The gateway has as many large requests in hand as it takes; send this one "
                    "again a moment later.",
                    self._retry_after,
                )
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._held -= seen * is_held


def _check(size: int, largest: int) -> None:
    if size > largest:
        raise too_large(f"The body has more than {largest} bytes; send less at a time.")


def too_large(detail: str) -> ProblemError:
    """Return the problem of a body that is too large."""
    # The rest of the body is not read, so the connection cannot be used again.
    headers = {"Connection": "close"}
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, kind="too-large", headers=headers)
