import asyncio

import pytest

from services.kit.errors import UnavailableError
from services.kit.kafka_errors import kafka_errors


async def given_up() -> None:
    """Wait for what somebody else has cancelled."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    with kafka_errors():
        await future


async def test_what_the_client_cancels_of_its_own_is_worth_a_new_session() -> None:
    with pytest.raises(UnavailableError, match="given up"):
        await given_up()


async def test_who_is_cancelled_ends() -> None:
    waits = asyncio.Event()

    async def wait() -> None:
        with kafka_errors():
            waits.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
