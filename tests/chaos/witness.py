"""Who sees what came of the applications: the decisions' topic read to the letter, and the ledger."""

import threading
from collections import Counter
from collections.abc import Collection
from time import monotonic, sleep

import psycopg
from confluent_kafka import Consumer, TopicPartition

from services.contracts.topics import DECISIONS
from tests.engine import RunningEngine

RECORDED = (
    "SELECT application_id FROM ledger.decisions JOIN ledger.applications USING (application_id) "
    "WHERE application_id = ANY(%s)"
)


class Witness:
    """Counts every committed decision, by application, with a client that is not ours."""

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
        self._read_at = monotonic()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self, *, from_start: bool = False) -> None:
        """Read from the present ends on, or all that the topic holds."""
        partitions = self._consumer.list_topics(DECISIONS.name, 20).topics[DECISIONS.name].partitions
        targets = [TopicPartition(DECISIONS.name, number) for number in partitions]
        for target in targets:
            first, end = self._consumer.get_watermark_offsets(target, 20)
            target.offset = first if from_start else end
        self._consumer.assign(targets)
        self._read_at = monotonic()
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

    def decided(self, run: str) -> int:
        """Return how many applications of a run have one."""
        with self._lock:
            return sum(name.startswith(run) for name in self._decided)

    def doubled(self, run: str = "") -> int:
        """Return how many applications, of a run or of all, have more than one decision."""
        with self._lock:
            return sum(times > 1 for name, times in self._decided.items() if name.startswith(run))

    def wait_until_quiet(self, seconds: float) -> None:
        """Return when so many seconds have passed without a record: where none is written, all is read."""
        while (left := self._read_at + seconds - monotonic()) > 0:
            sleep(left)

    def _read(self) -> None:
        while not self._stop.is_set():
            messages = self._consumer.consume(500, 0.1)
            if messages:
                self._read_at = monotonic()
            with self._lock:
                self._decided.update(
                    (message.key() or b"").decode() for message in messages if message.error() is None
                )


class Book:
    """The ledger, asked over a connection that is made again when PostgreSQL was away."""

    def __init__(self, engine: RunningEngine) -> None:
        self._address = engine.environment["DATABASE_URL"]
        self._connection: psycopg.Connection[tuple[str]] | None = None

    def recorded(self, names: Collection[str]) -> set[str]:
        """Return those that are in the ledger with their decision; none while PostgreSQL is away."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._address, autocommit=True, connect_timeout=2)
            return {name for (name,) in self._connection.execute(RECORDED, (list(names),))}
        except psycopg.OperationalError:
            self._connection = None
            return set()
