"""Large answers are made beside the event loop, one at a time, and sent as they are read."""

import asyncio
import gzip
from threading import Lock, get_ident

import pytest
from starlette.requests import Request
from starlette.types import Message, Scope

from services.monitoring.large_answers import PIECE, LargeAnswers

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
PACKING: Scope = {**SCOPE, "headers": [(b"accept-encoding", b"br, gzip")]}


async def nothing() -> Message:
    raise AssertionError


async def sent(answers: LargeAnswers, content: bytes, scope: Scope) -> list[Message]:
    answer = await answers.answer(Request(scope), lambda: content, "text/plain", {"X-Own": "kept"})
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await answer(scope, nothing, send)
    return messages


@pytest.mark.parametrize("size", [0, 1, 999, 1000, PIECE, PIECE + 1, 3 * PIECE])
async def test_what_is_sent_in_pieces_is_the_whole(size: int) -> None:
    content = bytes(size)
    start, *pieces = await sent(LargeAnswers(), content, SCOPE)
    headers = dict(start["headers"])
    assert b"".join(piece["body"] for piece in pieces) == content
    assert max(len(piece["body"]) for piece in pieces) <= PIECE
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert (headers[b"content-length"], headers[b"x-own"]) == (b"%d" % size, b"kept")
    assert (headers[b"vary"], headers.get(b"content-encoding")) == (b"Accept-Encoding", None)


@pytest.mark.parametrize(("size", "packed"), [(999, False), (1000, True), (3 * PIECE, True)])
async def test_what_is_worth_it_is_packed_for_those_who_take_it(size: int, packed: bool) -> None:
    start, *pieces = await sent(LargeAnswers(), bytes(size), PACKING)
    body = b"".join(piece["body"] for piece in pieces)
    assert dict(start["headers"]).get(b"content-encoding") == (b"gzip" if packed else None)
    assert (gzip.decompress(body) if packed else body) == bytes(size)


async def test_one_is_made_at_a_time_and_not_by_the_event_loop() -> None:
    answers, working, makers = LargeAnswers(), Lock(), set()

    def make() -> bytes:
        assert working.acquire(blocking=False), "another one is being made"
        makers.add(get_ident())
        working.release()
        return bytes(PIECE)

    made = (answers.answer(Request(SCOPE), make, "text/plain") for _ in range(50))
    await asyncio.gather(*made)
    assert makers
    assert get_ident() not in makers


async def test_one_that_cannot_be_made_is_in_nobodys_way() -> None:
    answers = LargeAnswers()

    def fail() -> bytes:
        raise KeyError

    with pytest.raises(KeyError):
        await answers.answer(Request(SCOPE), fail, "text/plain")
    assert await sent(answers, b"next", SCOPE)
