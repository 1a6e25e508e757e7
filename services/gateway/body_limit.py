"""Middleware: no request body above a size, whether it is announced or not, nor too much memory for them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.context import context_of
from services.gateway.problems import ProblemError, unavailable
from services.kit.content_length import announced_length

BYTE: Final = 4
"""Bytes of memory for each byte of a body: itself, its line, its text and its event."""
VALUE: Final = 72
"""Bytes of memory for each value in a body: the costliest, objects of one member, take no more on average."""
BEFORE_VALUES: Final = b"[{:,"
"""Behind one of these signs stands each value. They stand in texts, too, which then count for more."""
SHARE: Final = 0.25
"""Of all memory for bodies, at the most, that one body takes."""


class BodyLimit:
    """Refuses a body of more than `largest` bytes: by its Content-Length, else once it gets too long.

    Refuses a body, too, before it is read as JSON, that would take a large share of `most_held` bytes of
    memory, or, with all others at hand, more than that. Who finds later that a request takes more says so by
    `hold` of its context.

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
        largest = self._larger.get(scope["path"], self._largest)
        is_held = scope["path"] not in self._larger
        _check(announced_length(Headers(scope=scope)), largest)
        seen = held = 0

        def hold(size: int) -> None:
            nonlocal held
            held += size
            self._held += size
            self._require_room(held)

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            piece = message.get("body", b"")
            seen += len(piece)
            _check(seen, largest)
            if is_held:
                hold(memory_of(piece))
            return message

        context_of(scope).hold = hold
        try:
            await self._app(scope, counted, send)
        finally:
            self._held -= held

    def _require_room(self, held: int) -> None:
        """Raise ProblemError where a request holds too much, or all do."""
        if held > (share := int(self._most_held * SHARE)):
            raise too_large(
                f"The body would take more than {share} bytes of memory to read; send less at a time, and "
                "leave out further fields that hold many values."
            )
        if self._held > self._most_held:
            raise unavailable(
                "The gateway has as many large requests in hand as it takes; send this one "
                "again a moment later.",
                self._retry_after,
            )


def memory_of(piece: bytes) -> int:
    """Return the bytes of memory that a piece of JSON takes at the most, until its request is answered."""
    values = len(piece) - len(piece.translate(None, BEFORE_VALUES))
    return BYTE * len(piece) + VALUE * values


def _check(size: int, largest: int) -> None:
    if size > largest:
        raise too_large(f"The body has more than {largest} bytes; send less at a time.")


def require_size(what: str, size: int, most: int) -> None:
    """Raise ProblemError for what has more bytes than it may have, as JSON."""
    if size > most:
        raise too_large(f"{what} has at most {most} bytes; leave out unknown fields.")


def too_large(detail: str) -> ProblemError:
    """Return the problem of a body that is too large."""
    # The rest of the body is not read, so the connection cannot be used again.
    headers = {"Connection": "close"}
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, kind="too-large", headers=headers)
