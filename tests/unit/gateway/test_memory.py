"""However many ask at a time, and whatever they send: what is held for them is bounded."""

import asyncio
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.settings import GatewaySettings
from services.kit.key_ring import KeyRing
from services.kit.records import Message
from tests.unit.gateway.fakes import FakeGateway, SlowPublisher, until

HELD = 8 * 1024 * 1024
BESIDE = 1024 * 1024
"""Bytes that a dozen requests take beside what is read of them."""
AT_A_TIME = 12
SMALLEST = json.dumps(SMALLEST_APPLICATION)
DENSE = json.dumps({**SMALLEST_APPLICATION, "x": [{"a": []}] * 490}, separators=(",", ":"))
WRONG = json.dumps({f"FLAG_DOCUMENT_{number}": 7 for number in range(2, 22)})


class HoldingPublisher(SlowPublisher):
    """Tells how many requests wait for Kafka, and how much is held by then."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        self.requests += 1
        await self.go.wait()
        return [True] * len(messages)


def body(application: str, count: int) -> bytes:
    """Return lines of a batch; of the last one at least Kafka is to know."""
    lines = [f'{{"application": {each}}}' for each in [*[application] * count, SMALLEST]]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("application", "count"),
    [
        (DENSE, 12),
        (WRONG, 200),
        ("{}", 420),
        (SMALLEST, 350),
        (f'{SMALLEST[:-1]}, "x": "{"y" * 90_000}"}}', 5),
    ],
    ids=["dense", "wrong", "empty", "smallest", "long"],
)
async def test_batches_at_hand_take_no_more_memory_than_they_may(
    key_file: Path, key: str, application: str, count: int
) -> None:
    settings = GatewaySettings(api_keys_file=key_file, bodies_held=HELD)
    publisher = HoldingPublisher()
    gateway = FakeGateway(settings, KeyRing(key_file), publisher)
    headers = {"Content-Type": "application/x-ndjson"}
    content = body(application, count)
    answers: list[httpx.Response] = []

    async def ask(client: httpx.AsyncClient) -> None:
        answers.append(await client.post("/v1/applications:batch", content=content, headers=headers))

    async with gateway.client(key) as client, asyncio.TaskGroup() as group:
        tracemalloc.start()
        try:
            for _ in range(AT_A_TIME):
                group.create_task(ask(client))
            await until(lambda: publisher.requests + len(answers) == AT_A_TIME)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            publisher.go.set()
    assert peak < HELD + BESIDE
    assert sorted({answer.status_code for answer in answers}) == [200, 503]
    assert publisher.requests > 1
