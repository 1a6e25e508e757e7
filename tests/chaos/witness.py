"""Who sees what came of the applications: the decisions' topic read to the letter, and the ledger."""

import threading
from collections import Counter
from collections.abc import Collection

import psycopg
from confluent_kafka import Consumer, TopicPartition

from services.contracts.topics import DECISIONS
from tests.engine import RunningEngine

RECORDED = "SELECT application_id FROM ledger.decisions WHERE application_id = ANY(%s)"


class Witness:
    """Counts every committed decision from now on, by application, with a client that is not ours."""

    def __init__(self, engine: RunningEngine) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": engine.bootstrap,
                "group.id": "chaos-witness",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
        self._stop = threading.Event()
        self._decided: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        """Read from the present ends on."""
        partitions = self._consumer.list_topics(DECISIONS.name, 20).topics[DECISIONS.name].partitions
        targets = [TopicPartition(DECISIONS.name, number) for number in partitions]
        ends = [self._consumer.get_watermark_offsets(target, 20)[1] for target in targets]
        self._consumer.assign(
            [TopicPartition(DECISIONS.name, t.partition, end) for t, end in zip(targets, ends, strict=True)]
        )
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def undecided(self, names: Collection[str]) -> set[str]:
        """Return those without a decision."""
        with self._lock:
            return {name for name in names if name not in self._decided}

    def doubled(self) -> int:
        """Return how many applications have more than one decision."""
        with self._lock:
            return sum(times > 1 for times in self._decided.values())

    def _read(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                with self._lock:
                    self._decided[(message.key() or b"").decode()] += 1


class Book:
    """The ledger, asked over a connection that is made again when PostgreSQL was away."""

    def __init__(self, engine: RunningEngine) -> None:
        self._address = engine.environment["DATABASE_URL"]
        self._connection: psycopg.Connection[tuple[str]] | None = None

    def recorded(self, names: Collection[str]) -> set[str]:
        """Return those that have a decision in the ledger; none while PostgreSQL is away."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._address, autocommit=True, connect_timeout=2)
            return {name for (name,) in self._connection.execute(RECORDED, (list(names),))}
        except psycopg.OperationalError:
            self._connection = None
            return set()
