"""Middleware: no request body above a size, read or not."""

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.content_length import announced_length
from services.monitoring.problems import problem

LARGEST: Final = 64 * 1024
"""Bytes. An operator says why in 500 characters."""
DETAIL: Final = f"The body has more than {LARGEST} bytes; send less."


class BodyLimit:
    """Refuses a larger body: by its Content-Length, else once it gets too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or refuse it."""
        if scope["type"] == "http" and announced_length(Headers(scope=scope)) > LARGEST:
            answer = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DETAIL, Connection="close")
            await answer(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST:
                headers = {"Connection": "close"}
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DETAIL, headers)
            return message

        await self._app(scope, counted, send)
