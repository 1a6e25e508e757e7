import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvloop
from prometheus_client import CollectorRegistry, Counter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.kit.errors import FatalError
from services.kit.probes import probe_application, serve_http
from tests.engine import free_port

HOST = "127.0.0.1"
CROWD = 100
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@asynccontextmanager
async def probing(
    alive: list[str], ready: list[str], registry: CollectorRegistry
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the probes and return a client of theirs; what is wrong may change meanwhile."""
    port, stop = free_port(), asyncio.Event()
    application = probe_application(lambda: alive, lambda: ready, registry)
    serving = asyncio.create_task(serve_http(application, host=HOST, port=port, stop=stop))
    transport = httpx.AsyncHTTPTransport(retries=20)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", transport=transport) as client:
        yield client
    stop.set()
    async with asyncio.timeout(20):
        await serving


async def test_probes_answer_from_what_is_wrong() -> None:
    alive: list[str] = []
    ready: list[str] = ["has not joined its consumer group yet"]
    async with probing(alive, ready, CollectorRegistry()) as client:
        answer = await client.get("/health/live")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "problems": []})
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "unavailable",
            "problems": ["has not joined its consumer group yet"],
        }
        ready.clear()
        assert (await client.get("/health/ready")).status_code == 200
        alive.append("no turn of the loop for 61 s")
        assert (await client.get("/health/live")).status_code == 503


async def test_metrics_are_those_of_the_registry() -> None:
    registry = CollectorRegistry()
    Counter("octroi_records_consumed", "Records done with", ["topic"], registry=registry).labels("in").inc(7)
    async with probing([], [], registry) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'octroi_records_consumed_total{topic="in"} 7.0' in answer.text


async def passes_until_all_are_asked_for() -> int:
    """Let a crowd ask at once; return in how many passes of the event loop all of them are let in."""
    asked, passes, port, stop = 0, 0, free_port(), asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        await Response()(scope, receive, send)

    async with asyncio.timeout(20), asyncio.TaskGroup() as serving:
        serving.create_task(serve_http(application, host=HOST, port=port, stop=stop))
        await asyncio.sleep(0)
        crowd = [socket.create_connection((HOST, port)) for _ in range(CROWD)]
        for client in crowd:
            client.sendall(REQUEST)
        while asked < CROWD:
            await asyncio.sleep(0)
            passes += 1
        for client in crowd:
            client.close()
        stop.set()
    return passes


def test_of_a_crowd_several_are_let_in_at_each_pass_of_the_event_loop() -> None:
    # One at a time they would wait for as long as others keep the loop busy.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(passes_until_all_are_asked_for()) < CROWD


async def test_a_taken_port_is_named_with_the_cure() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        application = probe_application(list, list, CollectorRegistry())
        with pytest.raises(FatalError, match=f"port {port} is taken: stop the other program or set another"):
            await serve_http(application, host=HOST, port=port, stop=asyncio.Event())


async def test_an_address_that_is_not_of_this_machine_is_named() -> None:
    application = probe_application(list, list, CollectorRegistry())
    with pytest.raises(FatalError, match=r"cannot listen on 192\.0\.2\.1 port 0: "):
        await serve_http(application, host="192.0.2.1", port=0, stop=asyncio.Event())
