import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.publishing import ReconnectingPublisher
from services.kit.errors import UnavailableError
from services.kit.records import Message
from tests.unit.gateway.fakes import until

MESSAGE = Message("loan.applications.v1", b"a-1", b"{}")
MOMENT = timedelta(milliseconds=1)


class Broker:
    """Connections that work while the broker is there, and whose closing waits for it, like the client's."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self.connections = 0
        self.closed = 0
        self.messages: list[Message] = []

    def connect(self) -> Any:  # noqa: ANN401 - in place of the kit's publisher
        return self._connection()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["Broker"]:
        if not self.there.is_set():
            raise UnavailableError("refused")
        self.connections += 1
        yield self
        await self.there.wait()
        self.closed += 1

    async def publish(self, message: Message) -> None:
        if not self.there.is_set():
            raise UnavailableError("timed out")
        self.messages.append(message)

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        self.messages += messages if self.there.is_set() else []
        return [self.there.is_set()] * len(messages)


class Running:
    def __init__(self) -> None:
        self.broker = Broker()
        self.publisher = ReconnectingPublisher(self.broker.connect, retry_first=MOMENT, retry_longest=MOMENT)
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self.publisher.run(self.stop))

    async def ready(self) -> None:
        await until(lambda: not self.publisher.not_ready())


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    running = Running()
    yield running
    running.broker.there.set()
    running.stop.set()
    await running.task


async def test_it_refuses_at_once_until_the_broker_comes(running: Running) -> None:
    with pytest.raises(UnavailableError):
        await running.publisher.publish(MESSAGE)
    assert running.publisher.not_ready()
    running.broker.there.set()
    await running.ready()
    await running.publisher.publish(MESSAGE)
    assert running.broker.messages == [MESSAGE]


async def test_what_is_not_taken_of_many_is_told_and_it_connects_anew(running: Running) -> None:
    with pytest.raises(UnavailableError):
        await running.publisher.publish_all([MESSAGE])
    running.broker.there.set()
    await running.ready()
    assert await running.publisher.publish_all([MESSAGE, MESSAGE]) == [True, True]
    running.broker.there.clear()
    assert await running.publisher.publish_all([MESSAGE, MESSAGE]) == [False, False]
    assert running.publisher.not_ready()
    running.broker.there.set()
    await running.ready()
    assert running.broker.connections == 2


async def test_after_a_failure_it_connects_anew(running: Running) -> None:
    running.broker.there.set()
    await running.ready()
    running.broker.there.clear()
    with pytest.raises(UnavailableError, match="timed out"):
        await running.publisher.publish(MESSAGE)
    with pytest.raises(UnavailableError, match="away"):
        await running.publisher.publish(MESSAGE)
    running.broker.there.set()
    await running.ready()
    await running.publisher.publish(MESSAGE)
    assert running.broker.connections == 2
    await until(lambda: running.broker.closed == 1)


async def test_it_closes_its_connection_when_it_stops(running: Running) -> None:
    running.broker.there.set()
    await running.ready()
    running.stop.set()
    await running.task
    assert running.broker.closed == 1
    with pytest.raises(UnavailableError):
        await running.publisher.publish(MESSAGE)
