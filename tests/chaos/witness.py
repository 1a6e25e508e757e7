"""Who sees what came of the applications: the decisions' topic read to the letter, and the ledger."""

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from time import monotonic, sleep

import psycopg
from confluent_kafka import Consumer, Message, TopicPartition

from services.contracts.topics import DECISIONS
from tests.chaos.pauses import Pauses
from tests.engine import RunningEngine

SILENT_SECONDS = 20.0
"""Without a record of a partition until another client takes over where this one stands. It may wait for ever
for the word that a partition still has what it read, where the broker was sent away and called back."""
RECORDED = (
    "SELECT application_id FROM ledger.decisions JOIN ledger.applications USING (application_id) "
    "WHERE application_id = ANY(%s)"
)


class Witness:
    """Counts every committed decision, by application, with a client that is not ours."""

    def __init__(self, bootstrap: str, *, silent: float = SILENT_SECONDS) -> None:
        self._settings: dict[str, str | int | bool] = {
            "bootstrap.servers": bootstrap,
            "group.id": "chaos-witness",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "reconnect.backoff.max.ms": 500,
            "log_level": 0,
        }
        self._consumer = Consumer(self._settings)
        self.pauses = Pauses()
        """Between the decisions that it sees, to a tenth of a second."""
        self._silent = silent
        self._stop = threading.Event()
        self._decided: Counter[str] = Counter()
        self._read_at = 0.0
        self._next: dict[int, int] = {}
        """The offset of each partition that is read next."""
        self._heard: dict[int, float] = {}
        """When a record of each partition was read, or it was asked for."""
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self, *, from_start: bool = False) -> None:
        """Read from the present ends on, or all that the topic holds."""
        partitions = self._consumer.list_topics(DECISIONS.name, 20).topics[DECISIONS.name].partitions
        for number in partitions:
            first, end = self._consumer.get_watermark_offsets(TopicPartition(DECISIONS.name, number), 20)
            self._next[number] = first if from_start else end
        self._ask()
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
            messages = [each for each in self._consumer.consume(500, 0.1) if each.error() is None]
            self._note(messages)
            if min(self._heard.values()) + self._silent < monotonic():
                self._consumer.close()
                self._consumer = Consumer(self._settings)
                self._ask()

    def _note(self, messages: Sequence[Message]) -> None:
        for message in messages:
            number, offset = message.partition(), message.offset()
            assert number is not None
            assert offset is not None
            self._next[number], self._heard[number] = offset + 1, monotonic()
        if messages:
            self._read_at = monotonic()
            self.pauses.note()
        with self._lock:
            self._decided.update((message.key() or b"").decode() for message in messages)

    def _ask(self) -> None:
        self._consumer.assign(
            [TopicPartition(DECISIONS.name, number, offset) for number, offset in self._next.items()]
        )
        self._heard = dict.fromkeys(self._next, monotonic())


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
