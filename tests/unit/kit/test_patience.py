"""Clients that are slow, or say too much, are told so and let go; others are served meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from services.kit.heads import MOST_AHEAD, MOST_HEADERS
from services.kit.patience import Patience
from services.kit.probes import serve_http
from tests.engine import free_port

PATIENCE = Patience(head_within=0.2, body_within=0.2, largest_head=2_000)
HEAD = b"POST /echo HTTP/1.1\r\nHost: here\r\n"
WHOLE = HEAD + b"Content-Length: 3\r\n\r\nabc"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def refuse(_: Request) -> Response:
    return PlainTextResponse("no", 401)


async def never(request: Request) -> Response:
    """Answer nobody who does not leave."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return PlainTextResponse()


async def parts(request: Request) -> Response:
    """Begin with an answer, and end it when the client leaves."""

    async def some() -> AsyncIterator[bytes]:
        yield b"part"
        await never(request)

    return StreamingResponse(some())


@asynccontextmanager
async def served(patience: Patience = PATIENCE) -> AsyncIterator[int]:
    routes = [
        Route("/echo", echo, methods=["POST"]),
        Route("/refuse", refuse, methods=["POST"]),
        Route("/never", never),
        Route("/parts", parts),
    ]
    port, stop = free_port(), asyncio.Event()
    serving = asyncio.create_task(
        serve_http(Starlette(routes=routes), host="127.0.0.1", port=port, stop=stop, patience=patience)
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0)
                continue
            writer.close()
            break
        yield port
    finally:
        stop.set()
        await serving


async def told(port: int, *parts: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def sent_until_closed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes
) -> None:
    """Send the same again and again until the server closes the connection."""
    reading = asyncio.create_task(reader.read())
    with suppress(ConnectionError):
        while not reading.done():
            writer.write(content)
            await writer.drain()
            await asyncio.sleep(0)
    with suppress(ConnectionError):
        await reading
    writer.close()


async def answer_to_drops(port: int, beginning: bytes) -> bytes:
    """Send a beginning, then a byte now and then, and return the problem that it is answered with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    # Not to the end of the connection: a byte that comes after the answer is met by a reset.
    reading = asyncio.create_task(reader.readuntil(b"}"))
    writer.write(beginning)
    async with asyncio.timeout(20):
        while not reading.done():
            writer.write(b"X")
            await asyncio.sleep(0.02)
    writer.close()
    return reading.result()


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    found = json.loads(body)
    assert f" {found['status']} ".encode() in head.splitlines()[0]
    return found["status"], found["detail"]


@pytest.mark.parametrize("beginning", [b"P", HEAD, HEAD + b"X: y"])
async def test_a_request_that_does_not_come_is_waited_for_a_while(beginning: bytes) -> None:
    async with served() as port:
        status, detail = problem(await told(port, beginning))
    assert status == 408
    assert detail == "No request was complete after 0.2 s; send faster."


async def test_a_connection_opened_ahead_of_need_is_closed_without_a_word() -> None:
    async with served() as port:
        assert await told(port) == b""


async def test_a_byte_now_and_then_gains_no_time() -> None:
    async with served() as port:
        assert problem(await answer_to_drops(port, HEAD))[0] == 408


async def test_a_body_that_stops_is_waited_for_a_while() -> None:
    async with served() as port:
        answer = await told(port, HEAD + b"Content-Length: 10\r\n\r\nabc")
    assert problem(answer) == (408, "Nothing of the body came for 0.2 s; send faster.")


async def test_headers_without_end_are_refused() -> None:
    patient = Patience(head_within=60, largest_head=2_000)
    async with served(patient) as port:
        status, detail = problem(await told(port, HEAD, b"X: " + b"y" * 3_000))
    assert status == 431
    assert detail == "The headers have more than 2000 bytes; send fewer or shorter ones."


UNREAD = b"POST /refuse HTTP/1.1\r\nHost: here\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
HEADERS = b"a:b\r\n" * 200


@pytest.mark.parametrize(
    ("asked", "answered", "rest"),
    [
        pytest.param(
            UNREAD + b"Content-Length: 3\r\n\r\n", b"no", b"abc" + HEAD, id="behind a body that nobody reads"
        ),
        pytest.param(UNREAD + CHUNKED, b"no", b"1\r\na\r\n0\r\n", id="as trailers of such a body"),
        pytest.param(WHOLE, b"abc", HEAD, id="of the next request"),
    ],
)
async def test_headers_without_end_are_refused_wherever_they_come(
    asked: bytes, answered: bytes, rest: bytes
) -> None:
    async with served(Patience(head_within=60, body_within=60, largest_head=2_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        async with asyncio.timeout(20):
            await reader.readuntil(b"\r\n\r\n" + answered)
            writer.write(rest)
            await sent_until_closed(reader, writer, HEADERS)


async def test_headers_without_end_are_refused_while_an_answer_is_made() -> None:
    async with served(Patience(head_within=60, body_within=60, largest_head=2_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /never HTTP/1.1\r\nHost: here\r\n\r\n" + HEAD)
        async with asyncio.timeout(20):
            await sent_until_closed(reader, writer, HEADERS)


@pytest.mark.parametrize("rest", [b"", b"1\r\na\r\n0\r\n"])
async def test_many_small_headers_are_refused(rest: bytes) -> None:
    head = HEAD + (CHUNKED if rest else b"")
    async with served(Patience(head_within=60)) as port:
        status, detail = problem(await told(port, head + rest + b"a:b\r\n" * (MOST_HEADERS + 1)))
    assert status == 431
    assert detail == f"The request has more than {MOST_HEADERS} headers; send fewer."


async def test_who_leaves_with_requests_ahead_is_waited_for_by_none_of_them() -> None:
    # uvicorn itself gives requests that hear of nothing five seconds at its end.
    async with asyncio.timeout(4), served(Patience(head_within=60)) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /never HTTP/1.1\r\nHost: here\r\n\r\n" * 2)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def test_nothing_is_written_into_an_answer_that_others_wait_behind() -> None:
    async with served(Patience(head_within=60)) as port:
        asked = b"GET /parts HTTP/1.1\r\nHost: here\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        begun = await reader.readuntil(b"part")
        writer.write(asked + b"what?\r\n\r\n")
        assert b"HTTP/1.1" not in await reader.read()
        assert begun.startswith(b"HTTP/1.1 200")
        writer.close()


async def test_many_requests_ahead_of_their_answers_are_refused() -> None:
    request = b"GET /never HTTP/1.1\r\nHost: here\r\n\r\n"
    async with served(Patience(head_within=60)) as port:
        status, detail = problem(await told(port, request * (MOST_AHEAD + 2)))
    assert status == 429
    assert f"more than {MOST_AHEAD} requests ahead" in detail


async def test_some_requests_ahead_of_their_answers_are_served_in_order() -> None:
    async with served(replace(PATIENCE, between_requests=0)) as port:
        bodies = [str(number).encode() for number in range(10)]
        requests = [HEAD + b"Content-Length: 1\r\n\r\n" + body for body in bodies]
        answers = await told(port, b"".join(requests))
    assert [answer[-1:] for answer in answers.split(b"HTTP/1.1 200 OK")[1:]] == bodies


async def test_who_asks_for_a_web_socket_is_refused_as_any_application_does() -> None:
    asked = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    async with served(replace(PATIENCE, between_requests=0)) as port:
        answer = await told(port, b"GET /echo HTTP/1.1\r\nHost: here\r\n" + asked + b"x" * 22 + b"==\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4")
    assert b"no HTTP request" not in answer


async def test_what_is_no_http_is_told_so() -> None:
    async with served() as port:
        assert problem(await told(port, b"what?\r\n\r\n"))[0] == 400


async def test_a_body_that_comes_too_slowly_is_refused_though_it_is_never_silent() -> None:
    slow = Patience(head_within=60, body_within=0.2, least_rate=1_000_000)
    async with served(slow) as port:
        answer = await answer_to_drops(port, HEAD + b"Content-Length: 1000000\r\n\r\n")
        assert problem(answer) == (408, "The body comes at less than 1000000 bytes a second; send faster.")


async def test_a_body_in_many_small_chunks_is_taken() -> None:
    async with served(Patience(largest_head=500)) as port:
        body = b"".join(b"1\r\na\r\n" for _ in range(5_000)) + b"0\r\n\r\n"
        last = HEAD + b"Connection: close\r\n" + CHUNKED
        answer = await told(port, last, body)
    assert answer.endswith(b"a" * 5_000)


async def test_a_body_that_nobody_reads_is_not_waited_for() -> None:
    async with served() as port:
        head = b"POST /refuse HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n"
        answer = await told(port, head, b"abc")
    assert answer.startswith(b"HTTP/1.1 401")
    assert answer.endswith(b"\r\n\r\nno")


async def test_others_are_served_while_many_wait() -> None:
    patient = Patience(head_within=60, body_within=60)
    async with served(patient) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        for number, (_, writer) in enumerate(waiting):
            writer.write(HEAD + (b"Content-Length: 9\r\n\r\na" if number % 2 else b""))
        for content in (b"1", b"2" * 300_000):
            assert (await client.post("/echo", content=content)).content == content
        for _, writer in waiting:
            writer.close()


async def test_a_connection_is_used_again() -> None:
    async with served() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for path, status in (("/echo", 200), ("/refuse", 401), ("/echo", 200)):
            assert (await client.post(path, content=b"x" * 100_000)).status_code == status


async def test_a_connection_that_is_not_used_again_is_closed() -> None:
    async with served(replace(PATIENCE, between_requests=0)) as port:
        # uvicorn's own patience is five seconds.
        async with asyncio.timeout(4):
            answer = await told(port, WHOLE)
    assert answer.endswith(b"\r\n\r\nabc")


async def test_a_second_request_that_does_not_come_is_waited_for_a_while() -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        await reader.readuntil(b"\r\n\r\nabc")
        writer.write(b"P")
        assert problem(await reader.read())[0] == 408
        writer.close()
