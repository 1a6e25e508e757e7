import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.contracts.examples import APPLICATION
from services.gateway.context import SCOPE_KEY, RequestContext
from services.gateway.in_flight import InFlight
from services.gateway.problems import ProblemError
from services.gateway.settings import GatewaySettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.key_ring import KeyRing
from tests.unit.gateway.conftest import NOW
from tests.unit.gateway.fakes import FakeGateway, SlowPublisher, until

SENT = {"application": APPLICATION}


def gateway_with(key_file: Path, most: int) -> tuple[FakeGateway, SlowPublisher, str]:
    key, kept = make_key(Role.SUBMIT, Role.READ, now=NOW)
    write_keys(key_file, [kept])
    settings = GatewaySettings(
        api_keys_file=key_file, requests_in_flight=most, retry_after=timedelta(seconds=1)
    )
    publisher = SlowPublisher()
    return FakeGateway(settings, KeyRing(key_file), publisher), publisher, key


async def test_one_too_many_is_503_and_says_when_to_come_again(key_file: Path) -> None:
    gateway, publisher, key = gateway_with(key_file, most=2)
    async with gateway.client(key) as client, asyncio.TaskGroup() as group:
        taken = [group.create_task(client.post("/v1/applications", json=SENT)) for _ in range(2)]
        await until(lambda: publisher.held == 2)
        refused = await client.post("/v1/applications", json=SENT)
        publisher.go.set()
    assert [(await task).status_code for task in taken] == [202, 202]
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["X-Request-ID"] == refused.json()["request_id"]
    assert "2 requests in hand" in refused.json()["detail"]
    assert len(publisher.messages) == 2


async def test_one_key_leaves_room_for_others(key_file: Path) -> None:
    greedy, other = (make_key(Role.SUBMIT, now=NOW) for _ in range(2))
    write_keys(key_file, [greedy[1], other[1]])
    settings = GatewaySettings(api_keys_file=key_file, requests_in_flight=10)
    publisher = SlowPublisher()
    gateway = FakeGateway(settings, KeyRing(key_file), publisher)
    async with gateway.client() as client, asyncio.TaskGroup() as group:

        def post(key: str) -> asyncio.Task[httpx.Response]:
            headers = {"X-API-Key": key}
            return group.create_task(client.post("/v1/applications", json=SENT, headers=headers))

        taken = [post(greedy[0]) for _ in range(9)]
        await until(lambda: publisher.held == 9)
        refused, others = post(greedy[0]), post(other[0])
        await until(lambda: publisher.held == 10)
        publisher.go.set()
    assert {(await task).status_code for task in (*taken, others)} == {202}
    assert refused.result().status_code == 503
    assert "This key has 9 requests in hand" in refused.result().json()["detail"]


async def test_what_is_answered_makes_room(key_file: Path) -> None:
    gateway, publisher, key = gateway_with(key_file, most=1)
    publisher.go.set()
    async with gateway.client(key) as client:
        answers: list[httpx.Response] = [await client.post("/v1/applications", json=SENT) for _ in range(3)]
        publisher.away = True
        away = await client.post("/v1/applications", json=SENT)
        publisher.away = False
        answers.append(await client.post("/v1/applications", json=SENT))
    assert away.status_code == 503
    assert [answer.status_code for answer in answers] == [202] * 4


async def test_reading_and_probes_go_on_meanwhile(key_file: Path) -> None:
    gateway, publisher, key = gateway_with(key_file, most=1)
    async with gateway.client(key) as client, asyncio.TaskGroup() as group:
        group.create_task(client.post("/v1/applications", json=SENT))
        await until(lambda: publisher.held == 1)
        paths = ("/v1/applications", "/health/live", "/health/ready", "/metrics")
        statuses = [(await client.get(path)).status_code for path in paths]
        publisher.go.set()
    assert statuses == [200] * 4


async def test_of_requests_to_a_path_fewer_are_taken_and_others_are_not_counted() -> None:
    go = asyncio.Event()

    async def application(*_: object) -> None:
        await go.wait()

    async def nothing(*_: object) -> Any:  # noqa: ANN401 - stands for both ways of a connection
        raise AssertionError

    gate = InFlight(application, 1, hold=0, retry_after=1, path="/v1/batches")

    def request(path: str, method: str = "POST") -> asyncio.Task[None]:
        scope = {"type": "http", "method": method, "path": path, SCOPE_KEY: RequestContext("r-1")}
        return asyncio.create_task(gate(scope, nothing, nothing))

    taken = [request(path) for path in ("/v1/applications", "/v1/batches", "/v1/batches/b-1:cancel")]
    taken.append(request("/v1/batches", "GET"))
    await asyncio.sleep(0)
    with pytest.raises(ProblemError, match="has 1 requests to /v1/batches in hand"):
        await request("/v1/batches")
    go.set()
    await asyncio.gather(*taken)
    await request("/v1/batches")


async def test_a_refusal_is_held_back_while_what_is_in_hand_goes_on() -> None:
    go = asyncio.Event()

    async def application(*_: object) -> None:
        await go.wait()

    async def nothing(*_: object) -> Any:  # noqa: ANN401 - stands for both ways of a connection
        raise AssertionError

    gate = InFlight(application, 1, hold=3600, retry_after=1)

    async def request() -> None:
        await gate({"type": "http", "method": "POST", SCOPE_KEY: RequestContext("r-1")}, nothing, nothing)

    taken = asyncio.create_task(request())
    await asyncio.sleep(0)
    refused = asyncio.create_task(request())
    await asyncio.sleep(0)
    go.set()
    await taken
    assert not refused.done()
    refused.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refused
