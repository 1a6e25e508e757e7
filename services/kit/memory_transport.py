"""The broker in memory as the transport of services that share one process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import time
from typing import Any

from services.kit.broker import Connection
from services.kit.errors import UnavailableError
from services.kit.memory import MemoryBroker
from services.kit.memory_connection import MemoryConnection
from services.kit.records import Message, Record
from services.kit.stream_settings import StreamSettings
from services.kit.transport import Publishing, Start, Write


@dataclass(frozen=True, slots=True)
class MemoryTransport:
    """Topics that live as long as the process, in one partition each, and no longer than they are read."""

    broker: MemoryBroker
    stream: StreamSettings
    most_held: int
    """Bytes that may wait; while more do, nothing is taken from outside."""

    def stage(
        self, topics: Sequence[str], *, group: str, instance: str, write: Write | None
    ) -> Callable[[], Connection[Any]]:
        """Return what connects the group's one member; its topics are kept for it from now on."""
        del instance
        self.broker.join(group, topics)
        return lambda: MemoryConnection(
            self.broker,
            topics,
            group=group,
            batch_records=self.stream.batch_records,
            write=write,
            poll_seconds=self.stream.poll_wait.total_seconds(),
        )

    def follow(
        self, topic: str, take: Callable[[Record], None], *, start: Start, reading: asyncio.Event
    ) -> "MemoryFollower":
        """Return a follower, which misses nothing from now on."""
        positions = self.broker.follow(topic, from_start=start == "earliest")
        reading.set()
        return MemoryFollower(self.broker, positions, take, self.stream.poll_wait.total_seconds())

    @asynccontextmanager
    async def publisher(self, within: timedelta) -> AsyncIterator[Publishing]:
        """Give a way to publish; a message is safe at once, as far as anything here is."""
        del within
        yield self

    async def publish(self, message: Message) -> None:
        """Take a message from outside. Raises UnavailableError while too much waits."""
        if self.broker.held > self.most_held:
            raise UnavailableError(f"more than {self.most_held} bytes wait in memory: send it again later")
        await self._send(message)

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        """Take messages from outside, until too much waits."""
        return [await self._has_taken(message) for message in messages]

    async def _has_taken(self, message: Message) -> bool:
        try:
            await self.publish(message)
        except UnavailableError:
            return False
        return True

    async def publish_for_sure(self, message: Message, stop: asyncio.Event) -> None:
        """Publish, whatever waits."""
        del stop
        await self._send(message)

    async def _send(self, message: Message) -> None:
        await self.broker.send(message, partition=0, timestamp=int(time() * 1000))

    async def known(self, topic: str, keys: Collection[bytes]) -> frozenset[bytes]:
        """Return which of these keys are on a topic and not forgotten yet."""
        there = {record.key for record in await self.broker.read(topic, 0)}
        return frozenset(key for key in keys if key in there)


class MemoryFollower:
    """Gives `take` every record from its positions on."""

    def __init__(
        self, broker: MemoryBroker, positions: dict[Any, int], take: Callable[[Record], None], wait: float
    ) -> None:
        self._broker = broker
        self._positions = positions
        self._take = take
        self._wait = wait

    def not_ready(self) -> list[str]:
        """Return nothing: it reads as long as the process lives."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`."""
        while not stop.is_set():
            for record in await self._broker.next(self._positions, 1000, self._wait):
                self._positions[record.partition] = record.offset + 1
                self._take(record)
                self._broker.forget(record.partition)
