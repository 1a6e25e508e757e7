import asyncio

import pytest

from services.gateway.states import in_time
from services.kit.errors import UnavailableError


async def test_a_result_in_time_is_returned() -> None:
    async def work() -> int:
        return 7

    assert await in_time(work(), within=10) == 7


async def test_work_that_does_not_even_stop_is_not_waited_for() -> None:
    stubborn = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await stubborn.wait()

    with pytest.raises(UnavailableError, match="has not answered within"):
        await in_time(work(), within=0.01)
    stubborn.set()


async def test_an_error_of_the_work_is_raised() -> None:
    async def work() -> None:
        raise UnavailableError("refused")

    with pytest.raises(UnavailableError, match="refused"):
        await in_time(work(), within=10)
