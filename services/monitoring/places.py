"""How many are served at a time with what takes memory, or a connection, for as long as it lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from services.monitoring.problems import ProblemError

MOST_STREAMS: Final = 100
"""Each is a connection that stays open; a page without one asks by itself every 30 s."""
STREAMS_AGAIN: Final = timedelta(seconds=30)


class Places:
    """A number of places; who finds none free waits in line for a while."""

    def __init__(self, most: int, taken: str, *, again: timedelta, line: timedelta = timedelta(0)) -> None:
        """`taken` says what the places are for, `line` is how long one waits, `again` when to ask again."""
        self._free = asyncio.Semaphore(most)
        self._line = line.total_seconds()
        seconds = f"{again.total_seconds():g}"
        self._detail = f"{most} {taken}, which is the most; try again in {seconds} seconds."
        self._headers = {"Retry-After": seconds}

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place as long as the context lasts. Raises ProblemError where none gets free in time."""
        try:
            async with asyncio.timeout(self._line):
                await self._free.acquire()
        except TimeoutError:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, self._detail, self._headers) from None
        try:
            yield
        finally:
            self._free.release()


def streams(most: int = MOST_STREAMS) -> Places:
    """Return the places of those who are told of ticks."""
    return Places(most, "streams are open", again=STREAMS_AGAIN)
