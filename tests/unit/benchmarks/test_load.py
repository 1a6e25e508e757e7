import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.benchmarks.load import LEAST_PAUSE
from tests.benchmarks.traffic import Traffic, send
from tests.benchmarks.trivial import Trivial
from tests.benchmarks.wire import length_of, request


@pytest.fixture
async def address() -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(Trivial, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("rate", [None, 500.0])
async def test_every_request_is_sent_and_answered_once(address: str, rate: float | None) -> None:
    traffic = Traffic("/", [b'{"a":1}', b'{"a":2}'])
    told = await asyncio.to_thread(send, address, traffic, connections=3, requests=100, rate=rate)
    assert told.statuses == {"200": 100}
    assert 0 < told.p50 <= told.p90 <= told.p99 <= told.longest
    assert told.rate == pytest.approx(100 / told.seconds)


async def test_requests_at_a_rate_are_spread_over_the_time(address: str) -> None:
    traffic = Traffic("/", [b"{}"])
    told = await asyncio.to_thread(send, address, traffic, connections=2, requests=50, rate=200.0)
    # What is due within the least pause is sent at once, and the loop's own clock counts in milliseconds.
    assert told.seconds >= 49 / 200 - 2 * LEAST_PAUSE


async def test_where_one_connection_is_enough_at_a_rate_the_others_wait() -> None:
    asked: set[Trivial] = set()

    class Counting(Trivial):
        def data_received(self, data: bytes) -> None:
            asked.add(self)
            super().data_received(data)

    server = await asyncio.get_running_loop().create_server(Counting, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        traffic = Traffic("/", [b"{}"])
        told = await asyncio.to_thread(
            send, address, traffic, connections=50, requests=40, rate=50.0, warm_up=0
        )
    assert told.statuses == {"200": 40}
    assert len(asked) < 40


def test_an_answer_is_whole_when_its_length_has_come() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
    assert length_of(head) == 0
    assert length_of(head + b"\r\nabc") == len(head) + 2 + 5
    asked = b"GET / HTTP/1.1\r\n\r\n"
    assert length_of(asked, may_be_bare=True) == len(asked)
    with pytest.raises(ValueError, match="without Content-Length"):
        length_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_a_request_says_its_length() -> None:
    sent = request("http://127.0.0.1:80/v1", {"X-API-Key": "k"}, b"{}")
    assert sent == b"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Length: 2\r\nX-API-Key: k\r\n\r\n{}"
