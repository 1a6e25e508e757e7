"""Waiting for a condition, with a deadline that only a failure reaches."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from io import StringIO

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


async def alone() -> None:
    """Return when no other task is left on this loop; a task that stays is shown where it waits.

    A connection that was closed slowly goes on by itself; the loop must not end before it.
    """
    try:
        await until(lambda: len(asyncio.all_tasks()) == 1)
    except TimeoutError:
        stacks = StringIO()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.print_stack(file=stacks)
        raise AssertionError(f"tasks that do not end:\n{stacks.getvalue()}") from None
    # What a fenced client leaves is told when it is collected, and Python 3.11 fails where that happens while
    # it parses something, as a test's failure (python/cpython#106905).
    gc.collect()
