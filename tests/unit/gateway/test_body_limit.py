"""How much of bodies is held: of one, of all, and never longer than they are at hand."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.gateway.body_limit import BodyLimit
from services.gateway.problems import ProblemError

FILES = "/files"


class Holding:
    """An application that reads a body and holds it until it is let go."""

    def __init__(self) -> None:
        self.read = 0
        self.go = asyncio.Event()
        self.limit = BodyLimit(self, 60, {FILES: 1_000}, most_held=100, retry_after=2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        while (await receive())["more_body"]:
            pass
        self.read += 1
        await self.go.wait()

    async def ask(self, *parts: int, path: str = "/") -> None:
        """Send parts of a body of so many bytes."""
        left = list(parts)

        async def receive() -> Message:
            return {"body": bytes(left.pop(0)), "more_body": bool(left)}

        async def send(_: Message) -> None:
            raise AssertionError

        await self.limit({"type": "http", "path": path, "headers": []}, receive, send)


@pytest.fixture
def holding() -> Holding:
    return Holding()


async def test_a_body_that_is_too_long_is_refused_while_it_comes(holding: Holding) -> None:
    with pytest.raises(ProblemError, match="more than 60 bytes"):
        await holding.ask(30, 31)


async def test_bodies_that_are_too_much_together_are_refused_and_make_room_again(holding: Holding) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(holding.ask(50))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="as many large requests in hand") as refused:
            await holding.ask(50, 1)
        assert refused.value.headers["Retry-After"] == "2"
        group.create_task(holding.ask(50))
        group.create_task(holding.ask(900, path=FILES))
        await asyncio.sleep(0)
        assert holding.read == 3
        holding.go.set()
    await holding.ask(50, 10)
    assert holding.read == 4
