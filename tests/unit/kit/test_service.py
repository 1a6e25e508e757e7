import asyncio

from services.kit.service import after


async def test_a_task_begins_once_an_event_has_happened_and_hears_when_to_stop() -> None:
    happened, stop, begun = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def task(stop: asyncio.Event) -> None:
        begun.set()
        await stop.wait()

    running = asyncio.create_task(after(happened, task)(stop))
    await asyncio.sleep(0)
    assert not begun.is_set()
    happened.set()
    async with asyncio.timeout(10):
        await begun.wait()
        stop.set()
        await running
