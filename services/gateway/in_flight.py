"""Middleware: no more is handed in at a time than can be answered in time."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.problems import unavailable

HANDS_IN: Final = "POST"


class InFlight:
    """Refuses what is handed in while `most` such requests are not answered yet.

    The refusal is held back for `hold` seconds: who asks again at once would keep us from what is in hand.
    Reading is never refused: it is short, and a stream of events is open for as long as its client likes.
    """

    def __init__(self, app: ASGIApp, most: int, *, hold: float, retry_after: int) -> None:
        self._app = app
        self._most = most
        self._hold = hold
        self._retry_after = retry_after
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError for one too many."""
        if scope["type"] != "http" or scope["method"] != HANDS_IN:
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._most:
            await asyncio.sleep(self._hold)
            detail = f"The gateway has {self._most} requests in hand; send this one again a moment later."
            raise unavailable(detail, self._retry_after)
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
