import asyncio
from datetime import timedelta

import pytest

from services.kit.pause import first_of


@pytest.mark.parametrize("place", [0, 1])
async def test_the_first_of_some_events_is_waited_for_and_no_other(place: int) -> None:
    events = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(first_of(*events))
    await asyncio.sleep(0)
    assert not waiting.done()
    events[place].set()
    await waiting
    assert await alone()


async def test_where_no_event_comes_the_wait_ends_with_its_time() -> None:
    await first_of(asyncio.Event(), asyncio.Event(), within=timedelta(0))
    assert await alone()


async def test_who_no_longer_waits_leaves_nobody_waiting() -> None:
    waiting = asyncio.create_task(first_of(asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await alone()


async def alone() -> bool:
    """Tell whether no other task is left, once those that were cancelled have had their turn."""
    await asyncio.sleep(0)
    return asyncio.all_tasks() == {asyncio.current_task()}
