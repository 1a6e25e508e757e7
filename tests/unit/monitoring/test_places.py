"""Who finds no place free waits for a while, and is told when to come again."""

import asyncio
from datetime import timedelta

import pytest

from services.monitoring.places import Places
from services.monitoring.problems import ProblemError

AGAIN = timedelta(seconds=5)


async def test_all_in_line_come_in_and_never_more_than_there_is_room_for() -> None:
    places = Places(3, "are here", again=AGAIN, line=timedelta(minutes=1))
    inside = most = served = 0

    async def come() -> None:
        nonlocal inside, most, served
        async with places.place():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            served += 1

    await asyncio.gather(*(come() for _ in range(100)))
    assert (served, most) == (100, 3)


@pytest.mark.parametrize("line", [timedelta(0), timedelta(milliseconds=1)])
async def test_who_waits_in_vain_is_told_when_to_come_again(line: timedelta) -> None:
    places = Places(1, "are here", again=AGAIN, line=line)
    async with places.place():
        with pytest.raises(ProblemError) as raised:
            async with places.place():
                pass
    assert (raised.value.status, raised.value.headers) == (503, {"Retry-After": "5"})
    assert str(raised.value) == "1 are here, which is the most; try again in 5 seconds."
    async with places.place():
        pass


async def test_who_leaves_the_line_or_fails_inside_takes_no_place_along() -> None:
    places = Places(1, "are here", again=AGAIN, line=timedelta(minutes=1))

    async def come() -> None:
        async with places.place():
            await asyncio.sleep(0)
            raise KeyError

    failing, leaving = asyncio.create_task(come()), asyncio.create_task(come())
    await asyncio.sleep(0)
    leaving.cancel()
    ends = await asyncio.gather(failing, leaving, return_exceptions=True)
    assert [type(each) for each in ends] == [KeyError, asyncio.CancelledError]
    async with places.place():
        pass
