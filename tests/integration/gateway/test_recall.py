"""What was sent of a part before is read back; where it cannot be, that is said, and nothing else happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.protocol.fetch import FetchRequest

from services.contracts.topics import APPLICATIONS
from services.gateway.batch_recall import Recall
from services.kit.connection import Connection
from services.kit.errors import UnavailableError
from services.kit.kafka_settings import KafkaSettings
from tests.engine import free_port
from tests.integration.kit.waiting import DEADLINE_SECONDS, alone

pytestmark = pytest.mark.kafka


async def sent(bootstrap: str, names: Collection[str], **limits: float) -> frozenset[str]:
    """Recall what was sent of these names of late."""
    recall, now = Recall(KafkaSettings(bootstrap_servers=bootstrap), **limits), datetime.now(UTC)
    async with asyncio.timeout(DEADLINE_SECONDS):
        return await recall.sent(names, first=now, last=now)


@asynccontextmanager
async def fetching(
    bootstrap: str, name: str, fetch: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Have an application on the topic, and for the length of the block `fetch` instead of what fetches."""
    send = Connection.send

    def changed(connection: Connection, request: object, expect_response: bool = True) -> object:
        if isinstance(request, FetchRequest):
            return fetch()
        return send(connection, request, expect_response)

    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(APPLICATIONS.name, b"{}", name.encode())
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "send", changed)
        yield
    await alone()


async def test_it_is_told_what_was_sent_also_in_a_transaction_that_is_still_open(
    bootstrap: str, name: str
) -> None:
    names = [f"{name}-{number}" for number in range(4)]
    async with (
        AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"tests-{uuid4()}") as producer,
        producer.transaction(),
    ):
        for number, each in enumerate(names[:3]):
            await producer.send_and_wait(APPLICATIONS.name, b"{}", each.encode(), number % 2)
        assert await sent(bootstrap, names[1:]) == {*names[1:3]}
    assert await sent(bootstrap, [names[3]]) == frozenset()
    await alone()


async def test_with_kafka_away_nothing_is_said_to_be_sent(name: str) -> None:
    with pytest.raises(UnavailableError, match="Kafka"):
        await sent(f"127.0.0.1:{free_port()}", [name])
    await alone()


async def test_a_client_that_has_stopped_fetching_is_not_waited_for(
    bootstrap: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut() -> None:
        raise RuntimeError("the handler is closed")

    async with fetching(bootstrap, name, cut, monkeypatch):
        with pytest.raises(UnavailableError, match="stopped fetching"):
            await sent(bootstrap, [name])


async def test_what_kafka_does_not_hand_out_is_not_waited_for_for_ever(
    bootstrap: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fetching(bootstrap, name, asyncio.get_running_loop().create_future, monkeypatch):
        with pytest.raises(UnavailableError, match="has not answered in time"):
            await sent(bootstrap, [name], within=1)
