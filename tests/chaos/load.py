"""Applications handed in while things break: by topic and by REST, each noted when it was acknowledged."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from time import monotonic

import httpx
from confluent_kafka import Message, Producer

from services.contracts.topics import APPLICATIONS
from services.scorecard.table import Cells
from tests.chaos.acknowledged import Acknowledged
from tests.engine import RunningEngine

BY_REST = 0.2
"""Share of the load that comes by REST."""
PATIENCE_MS = 600_000
"""How long the producer tries to hand in what Kafka does not take."""
ANSWER_SECONDS = 20
"""Within which a decision is the answer of a gateway that sees decisions."""


class Load:
    """A front office and a streaming producer, at a steady rate, whatever happens to the engine.

    An application counts as acknowledged once REST said 202 or 200, or Kafka confirmed the record.
    """

    def __init__(self, engine: RunningEngine, rows: Iterator[Cells], rate: float, run: str) -> None:
        self._engine = engine
        self._rows = rows
        self._run = run
        self._numbers = count()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged = Acknowledged()
        self._threads = (
            threading.Thread(target=self._steadily, args=(self._by_topic, rate * (1 - BY_REST)), daemon=True),
            threading.Thread(target=self._steadily, args=(self._by_rest, rate * BY_REST), daemon=True),
        )
        self._producer = Producer(
            {
                "bootstrap.servers": engine.bootstrap,
                "enable.idempotence": True,
                "message.timeout.ms": PATIENCE_MS,
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
        self._client = httpx.Client(
            base_url=engine.gateway, headers={"X-API-Key": engine.api_key}, timeout=10
        )

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and return when nothing is in flight any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert self._producer.flush(120) == 0, "Kafka does not take what was handed in"
        self._client.close()

    def is_answered(self) -> bool:
        """Hand in one more application by REST, and tell whether the answer is its decision."""
        handed_in, (name, row) = monotonic(), self._next()
        try:
            answer = httpx.post(
                f"{self._engine.gateway}/v1/applications",
                headers={"X-API-Key": self._engine.api_key, "Prefer": f"wait={ANSWER_SECONDS}"},
                json={"application_id": name, "application": row},
                timeout=2 * ANSWER_SECONDS,
            )
        except httpx.TransportError:
            return False
        self._note_answer(answer, name, handed_in)
        return answer.status_code == httpx.codes.OK and bool(answer.json().get("decision"))

    def _next(self) -> tuple[str, Cells]:
        with self._lock:
            return f"{self._run}-{next(self._numbers)}", next(self._rows)

    def _steadily(self, hand_in: Callable[[str, Cells], None], rate: float) -> None:
        due = monotonic()
        while not self._stop.wait(max(0.0, due - monotonic())):
            hand_in(*self._next())
            # What an outage held up is not made up for at once.
            due = max(due + 1 / rate, monotonic() - 1)

    def _by_topic(self, name: str, row: Cells) -> None:
        handed_in = monotonic()

        def told(error: object, record: Message) -> None:
            if error is None:
                partition = record.partition()
                assert partition is not None
                self.acknowledged.note(partition, name, handed_in)

        value = json.dumps({"application_id": name, "application": row})
        self._producer.produce(APPLICATIONS.name, value, key=name, on_delivery=told)
        self._producer.poll(0)

    def _by_rest(self, name: str, row: Cells) -> None:
        handed_in = monotonic()
        try:
            answer = self._client.post("/v1/applications", json={"application_id": name, "application": row})
        except httpx.TransportError:
            return
        self._note_answer(answer, name, handed_in)

    def _note_answer(self, answer: httpx.Response, name: str, handed_in: float) -> None:
        if answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.OK}:
            self.acknowledged.note("REST", name, handed_in)
