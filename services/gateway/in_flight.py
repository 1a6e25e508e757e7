"""Middleware: no more is handed in at a time than can be answered in time."""

import asyncio
from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.context import context_of
from services.gateway.problems import unavailable

HANDS_IN: Final = "POST"
SHARE: Final = 0.9
"""Of all such requests, at the most, that are one key's: it can slow others down, but not keep them out."""


class InFlight:
    """Refuses what is handed in while `most` such requests are not answered yet.

    The refusal is held back for `hold` seconds: who asks again at once would keep us from what is in hand.
    Reading is never refused: it is short, and a stream of events is open for as long as its client likes.
    With a `path` only requests to it are counted and refused.
    """

    def __init__(
        self, app: ASGIApp, most: int, *, hold: float, retry_after: int, path: str | None = None
    ) -> None:
        self._app = app
        self._most = most
        self._path = path
        self._what = "requests" if path is None else f"requests to {path}"
        self._hold = hold
        self._retry_after = retry_after
        self._in_flight: Counter[str | None] = Counter()
        """By key; what comes without one is refused at once, and is counted all the same."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises ProblemError for one too many."""
        if not self._counts(scope):
            await self._app(scope, receive, send)
            return
        caller = context_of(scope).caller
        key = caller.id if caller else None
        if (too_many := self._too_many(key)) is not None:
            await asyncio.sleep(self._hold)
            raise unavailable(f"{too_many} in hand; send this one again a moment later.", self._retry_after)
        self._in_flight[key] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight[key] -= 1

    def _counts(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != HANDS_IN:
            return False
        return self._path is None or scope["path"] == self._path

    def _too_many(self, key: str | None) -> str | None:
        """Return who has how many requests, where one more is too many."""
        if self._in_flight.total() >= self._most:
            return f"The gateway has {self._most} {self._what}"
        if self._in_flight[key] >= SHARE * self._most:
            return f"This key has {self._in_flight[key]} {self._what}"
        return None
