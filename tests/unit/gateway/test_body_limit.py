"""How much of bodies is held: of one, of all, and never longer than they are at hand."""

import asyncio
import tracemalloc

import pytest
from pydantic_core import from_json
from starlette.types import Message, Receive, Scope, Send

from services.gateway.body_limit import BodyLimit, memory_of
from services.gateway.context import SCOPE_KEY, RequestContext, context_of
from services.gateway.problems import ProblemError

FILES = "/files"


class Holding:
    """An application that reads a body and holds it, and more memory, until it is let go."""

    def __init__(self) -> None:
        self.read = 0
        self.more = 0
        self.go = asyncio.Event()
        self.limit = BodyLimit(self, 60, {FILES: 1_000}, most_held=1_000, retry_after=2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del send
        while (await receive())["more_body"]:
            pass
        context_of(scope).hold(self.more)
        self.read += 1
        await self.go.wait()

    async def ask(self, *parts: bytes, path: str = "/") -> None:
        """Send a body in parts."""
        left = list(parts)

        async def receive() -> Message:
            return {"body": left.pop(0), "more_body": bool(left)}

        async def send(_: Message) -> None:
            raise AssertionError

        scope = {"type": "http", "path": path, "headers": [], SCOPE_KEY: RequestContext("r-1")}
        await self.limit(scope, receive, send)


@pytest.fixture
def holding() -> Holding:
    return Holding()


async def test_a_body_that_is_too_long_is_refused_while_it_comes(holding: Holding) -> None:
    with pytest.raises(ProblemError, match="more than 60 bytes"):
        await holding.ask(bytes(30), bytes(31))


async def test_bodies_that_are_too_much_together_are_refused_and_make_room_again(holding: Holding) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(holding.ask(bytes(60)))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="as many large requests in hand") as refused:
            await holding.ask(bytes(10), bytes(1))
        assert refused.value.headers["Retry-After"] == "2"
        group.create_task(holding.ask(bytes(10)))
        group.create_task(holding.ask(bytes(900), path=FILES))
        await asyncio.sleep(0)
        assert holding.read == 6
        holding.go.set()
    await holding.ask(bytes(50), bytes(10))
    assert holding.read == 7


@pytest.mark.parametrize("parts", [(b'[[],[],""]',), (b"[[],", b'[],""]')])
async def test_a_body_of_many_values_is_refused_for_good_before_it_is_read(
    holding: Holding, parts: tuple[bytes, ...]
) -> None:
    holding.go.set()
    await holding.ask(b'"a long text without values"')
    assert holding.read == 1
    with pytest.raises(ProblemError, match="more than 250 bytes of memory") as refused:
        await holding.ask(*parts)
    assert refused.value.status == 413
    assert holding.read == 1


async def test_what_is_found_to_be_held_later_counts_until_the_request_is_answered(holding: Holding) -> None:
    holding.more = 240
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(holding.ask(b""))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="as many large requests in hand"):
            await holding.ask(b"")
        holding.go.set()
    assert holding.read == 4
    await holding.ask(b"")
    holding.more = 251
    with pytest.raises(ProblemError, match="more than 250 bytes of memory"):
        await holding.ask(b"")


@pytest.mark.parametrize(
    "value",
    [
        "{}",
        "[]",
        '{"a":[]}',
        '{"a":1}',
        '{"%d":{"%d":1}}',
        "[[]]",
        "1",
        "1.5",
        "%d",
        '"%d"',
        '{"a":"\u00e9%d"}',
    ],
)
def test_no_json_takes_more_memory_than_is_counted(value: str) -> None:
    values = [value.replace("%d", str(number)) for number in range(100_000, 120_000)]
    for body in (
        f"[{','.join(values)}]",
        "{" + ",".join(f'"x{n}":{each}' for n, each in enumerate(values)) + "}",
    ):
        content = body.encode()
        tracemalloc.start()
        try:
            found = from_json(content)
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(found) == len(values)
        assert taken < memory_of(content)
