"""Work that is done side by side, and counts only where all of it is done."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def side_by_side(*works: Coroutine[object, object, T]) -> list[T]:
    """Return the results, in order; the first error ends the others.

    Raises a group of errors as a TaskGroup does, and CancelledError where what one of them waited for was
    cancelled, as Kafka's client does by itself: a TaskGroup would pass over that as if it were done.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
    return [task.result() for task in tasks]
