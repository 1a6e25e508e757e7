"""How events get from service to service: what services ask for, and Kafka that gives it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

from services.kit.at_least_once import AtLeastOnceDelivery, SinkDelivery
from services.kit.broker import Connection
from services.kit.delivery import Delivery, TransactionalDelivery
from services.kit.follower import Follower
from services.kit.kafka import KafkaConnection
from services.kit.kafka_settings import KafkaSettings
from services.kit.publisher import Publisher, publish_for_sure
from services.kit.records import Message, Record
from services.kit.stream_settings import StreamSettings

Write = Callable[[Sequence[Any]], Awaitable[None]]
"""Writes rows to a sink that knows what it has: the same rows may come again."""
Start = Literal["earliest", "latest"]


class Following(Protocol):
    """Reads all of a topic."""

    def not_ready(self) -> list[str]:
        """Return why the topic is not being read; empty when it is."""

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`."""


class Publishing(Protocol):
    """Sends messages."""

    async def publish(self, message: Message) -> None:
        """Return when the message is safe. Raises UnavailableError; the message may still arrive."""

    async def publish_all(self, messages: Sequence[Message]) -> list[bool]:
        """Return, for each, whether it is safe; one that is not may still arrive."""


class Transport(Protocol):
    """Ways to read and write topics."""

    def stage(
        self, topics: Sequence[str], *, group: str, instance: str, write: Write | None
    ) -> Callable[[], Connection[Any]]:
        """Return what connects a group's member, which delivers to topics, or by `write` to a sink."""

    def follow(
        self, topic: str, take: Callable[[Record], None], *, start: Start, reading: asyncio.Event
    ) -> Following:
        """Return what gives `take` every record of a topic; `reading` is set while it misses none."""

    def publisher(self, within: timedelta) -> AbstractAsyncContextManager[Publishing]:
        """Return a connection to publish by."""

    async def publish_for_sure(self, message: Message, stop: asyncio.Event) -> None:
        """Publish a rare message, trying until it is safe or `stop`."""


@dataclass(frozen=True, slots=True)
class KafkaTransport:
    """Kafka."""

    kafka: KafkaSettings
    stream: StreamSettings

    def stage(
        self, topics: Sequence[str], *, group: str, instance: str, write: Write | None
    ) -> Callable[[], Connection[Any]]:
        """Return what connects a static member; to topics it delivers as the settings say."""

        def connect() -> Connection[Any]:
            return KafkaConnection(
                topics,
                group=group,
                instance=instance,
                delivery=self._delivery(group, write),
                kafka=self.kafka,
                settings=self.stream,
            )

        return connect

    def _delivery(self, group: str, write: Write | None) -> Delivery[Any]:
        if write is not None:
            return SinkDelivery(write, self.kafka, self.stream)
        if self.stream.delivery == "at-least-once":
            return AtLeastOnceDelivery(group, self.kafka, self.stream)
        return TransactionalDelivery(group, self.kafka, self.stream)

    def follow(
        self, topic: str, take: Callable[[Record], None], *, start: Start, reading: asyncio.Event
    ) -> Follower:
        """Return a follower of all partitions."""
        return Follower(topic, take, self.kafka, self.stream, start=start, reading=reading)

    def publisher(self, within: timedelta) -> Publisher:
        """Return a publisher that waits so long for Kafka to have a message on disk."""
        return Publisher(self.kafka, self.stream, within=within)

    async def publish_for_sure(self, message: Message, stop: asyncio.Event) -> None:
        """Publish over a connection of its own."""
        await publish_for_sure(message, self.kafka, self.stream, stop)
