"""What a look costs does not grow with the number of those who ask."""

import asyncio
from datetime import timedelta

import pytest

from services.monitoring.shared_look import SharedLook


class Scene:
    """A look that ends when it is told to, and a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.looks = 0
        self.now = 0.0
        self.may_end = asyncio.Event()
        self.error: Exception | None = None
        self.shared = SharedLook(self.look, every=timedelta(seconds=1), clock=lambda: self.now)

    async def look(self) -> int:
        self.looks += 1
        found = self.looks
        await self.may_end.wait()
        if self.error is not None:
            raise self.error
        return found


@pytest.fixture
async def scene() -> Scene:
    return Scene()


async def test_all_who_ask_share_the_look_in_flight(scene: Scene) -> None:
    asking = [asyncio.create_task(scene.shared()) for _ in range(100)]
    await asyncio.sleep(0)
    scene.now = 60
    asking.append(asyncio.create_task(scene.shared()))
    await asyncio.sleep(0)
    scene.may_end.set()
    assert set(await asyncio.gather(*asking)) == {1}
    assert scene.looks == 1


async def test_what_it_found_is_given_until_it_is_old(scene: Scene) -> None:
    scene.may_end.set()
    assert await scene.shared() == 1
    scene.now = 0.9
    assert await scene.shared() == 1
    scene.now = 1.0
    assert await scene.shared() == 2


async def test_a_look_that_takes_long_is_not_old_when_it_ends(scene: Scene) -> None:
    asking = asyncio.create_task(scene.shared())
    await asyncio.sleep(0)
    scene.now = 10
    scene.may_end.set()
    assert await asking == await scene.shared() == 1


async def test_one_who_goes_away_ends_it_for_nobody_else(scene: Scene) -> None:
    first, second = (asyncio.create_task(scene.shared()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    scene.may_end.set()
    assert await second == 1
    assert first.cancelled()


async def test_an_error_is_told_to_all_and_looked_for_anew_when_it_is_old(scene: Scene) -> None:
    scene.error = ValueError("away")
    scene.may_end.set()
    for _ in range(2):
        with pytest.raises(ValueError, match="away"):
            await scene.shared()
    assert scene.looks == 1
    scene.error, scene.now = None, 1.0
    assert await scene.shared() == 2
