"""What tests see of a running engine: its topics, by a client that is not ours, and its ledger."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast
from uuid import uuid4

import psycopg
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from tests.engine import RunningEngine
from tests.parts import until


class Reachable(Protocol):
    """Something with a Kafka."""

    @property
    def bootstrap(self) -> str:
        """Its address."""


class Outsider:
    """A producer and reader that knows the AsyncAPI document only."""

    def __init__(self, engine: Reachable, packing: str = "none") -> None:
        self._bootstrap = engine.bootstrap
        self._producer = Producer(
            {
                "bootstrap.servers": self._bootstrap,
                "message.max.bytes": 8_000_000,
                "linger.ms": 5,
                "compression.type": packing,
            }
        )

    def send(self, topic: str, *values: bytes) -> None:
        """Send records without keys or headers, and return when Kafka has them."""
        for value in values:
            self._producer.produce(topic, value)
            self._producer.poll(0)
        assert self._producer.flush(60) == 0

    def all_of(self, topic: str) -> Iterator[Message]:
        """Yield every committed record that the topic holds now."""
        reader = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": f"outsider-{uuid4()}",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
            }
        )
        try:
            partitions = reader.list_topics(topic, 10).topics[topic].partitions
            reader.assign([TopicPartition(topic, number, 0) for number in partitions])
            ended = 0
            while ended < len(partitions):
                message = reader.poll(10)
                assert message is not None, f"{topic} could not be read to its end"
                if message.error() is None:
                    yield message
                else:
                    ended += 1
        finally:
            reader.close()

    def values(self, topic: str) -> list[dict[str, Any]]:
        """Return the JSON values of every committed record of a topic."""
        return [json.loads(message.value() or b"") for message in self.all_of(topic)]


def headers_of(message: Message) -> dict[str, str]:
    """Return a record's headers as text."""
    headers = cast("list[tuple[str, bytes]]", message.headers() or [])
    return {name: value.decode() for name, value in headers}


def query(engine: RunningEngine, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Ask the ledger."""
    with psycopg.connect(engine.environment["DATABASE_URL"]) as connection:
        return connection.execute(sql, parameters).fetchall()


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Return when the condition holds; fail naming `what` when it does not in time."""
    until(condition, what, seconds)
