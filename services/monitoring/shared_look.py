"""A look that all who ask at about the same time share: what it costs does not grow with their number."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Final, Generic, TypeVar

T = TypeVar("T")
EVERY: Final = timedelta(seconds=1)


class SharedLook(Generic[T]):
    """Looks at most so often: who asks meanwhile gets what the last look found, or waits for it."""

    def __init__(
        self,
        look: Callable[[], Awaitable[T]],
        *,
        every: timedelta = EVERY,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`every` is the time from the end of a look to the next."""
        self._look = look
        self._every = every.total_seconds()
        self._clock = clock
        self._ended = clock()
        self._taken: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Return what the look found. Raises what it raised, to all who share it."""
        taken = self._taken
        if taken is None or (taken.done() and self._clock() - self._ended >= self._every):
            taken = self._taken = asyncio.create_task(self._take(), name="shared look")
            taken.add_done_callback(_heard)
        # One who goes away must not end it for the others.
        return await asyncio.shield(taken)

    async def _take(self) -> T:
        try:
            return await self._look()
        finally:
            self._ended = self._clock()


def _heard(taken: asyncio.Task[T]) -> None:
    """Take note of an error that nobody waited for any more: the next who asks gets it."""
    if not taken.cancelled():
        taken.exception()
