"""How many may be told of ticks at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from services.monitoring.problems import ProblemError

MOST_STREAMS: Final = 100
"""Each is a connection that stays open; a page without one asks by itself every 30 s."""
RETRY_AFTER: Final = 30
"""Seconds."""


class Streams:
    """The open streams of this process."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place as long as the context lasts. Raises ProblemError where all are taken."""
        if self._open >= self._most:
            detail = f"{self._most} streams are open, which is the most; try again in {RETRY_AFTER} seconds."
            headers = {"Retry-After": str(RETRY_AFTER)}
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
