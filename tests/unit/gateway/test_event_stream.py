import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.resources import Failure
from services.gateway.settings import GatewaySettings
from services.kit.key_ring import KeyRing
from tests.unit.gateway.fakes import FakeGateway, arrived, until
from tests.unit.gateway.states import known_state


@pytest.fixture
def gateway(key_file: Path, key: str) -> FakeGateway:
    assert key
    settings = GatewaySettings(api_keys_file=key_file, heartbeat=timedelta(milliseconds=5))
    gateway = FakeGateway(settings, KeyRing(key_file))
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION))
    return gateway


async def follow(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.get("/v1/applications/a-1/events", headers=headers)


def events(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return kind and state of the data of each event; comments are passed over."""
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in answer.text.split("\n\n")]
    return [(block["event"], orjson.loads(block["data"])["state"]) for block in blocks if "event" in block]


async def heartbeats(gateway: FakeGateway, count: int) -> None:
    """Wait until the stream has asked the ledger so often."""
    await until(lambda: gateway.states.looks >= count)


async def test_a_decided_application_is_told_at_once(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, decide=True))
    assert events(await follow(client)) == [("received", "received"), ("decided", "decided")]


async def test_a_decision_is_told_as_it_arrives(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    following = asyncio.create_task(follow(client))
    await heartbeats(gateway, 3)
    gateway.arrivals.put(b"a-1", arrived("a-1"))
    answer = await following
    assert events(answer) == [("received", "received"), ("decided", "decided")]
    assert ": heartbeat\n\n" in answer.text


async def test_a_dead_letter_is_told_by_the_ledger(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    following = asyncio.create_task(follow(client))
    await heartbeats(gateway, 2)
    failure = Failure(stage="feature", error="crashed")
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, failure=failure))
    assert events(await following) == [("received", "received"), ("dead", "dead")]


async def test_the_ledger_may_be_away_meanwhile(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    following = asyncio.create_task(follow(client))
    await heartbeats(gateway, 1)
    gateway.states.away = True
    await heartbeats(gateway, 3)
    gateway.arrivals.put(b"a-1", arrived("a-1"))
    assert events(await following)[-1] == ("decided", "decided")


async def test_who_comes_back_gets_what_is_new(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, decide=True))
    assert events(await follow(client, **{"Last-Event-ID": "received"})) == [("decided", "decided")]
    assert (await follow(client, **{"Last-Event-ID": "decided"})).status_code == 204
    assert events(await follow(client, **{"Last-Event-ID": "dead"})) == [("decided", "decided")]


async def test_streams_end_when_the_process_stops(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    following = asyncio.create_task(follow(client))
    await heartbeats(gateway, 2)
    gateway.arrivals.close()
    assert events(await following) == [("received", "received")]
