"""Waiting for a condition, with a deadline that only a failure reaches."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE_SECONDS = 90.0


async def until(condition: Callable[[], Awaitable[bool]] | Callable[[], bool]) -> None:
    """Return as soon as the condition holds."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            holds = condition()
            if isinstance(holds, Awaitable):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(0.01)
