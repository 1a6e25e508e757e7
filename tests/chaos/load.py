"""Applications handed in while things break: by topic and by REST, each noted when it was acknowledged."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from time import monotonic

import httpx
from confluent_kafka import Producer

from services.contracts.topics import APPLICATIONS
from services.scorecard.table import Cells
from tests.chaos.acknowledged import Acknowledged
from tests.engine import RunningEngine

BY_REST = 0.2
"""Share of the load that comes by REST."""
PATIENCE_MS = 600_000
"""How long the producer tries to hand in what Kafka does not take."""


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

    def _steadily(self, hand_in: Callable[[str, Cells], None], rate: float) -> None:
        due = monotonic()
        while not self._stop.wait(max(0.0, due - monotonic())):
            with self._lock:
                name, row = f"{self._run}-{next(self._numbers)}", next(self._rows)
            hand_in(name, row)
            # What an outage held up is not made up for at once.
            due = max(due + 1 / rate, monotonic() - 1)

    def _by_topic(self, name: str, row: Cells) -> None:
        handed_in = monotonic()

        def told(error: object, _: object) -> None:
            if error is None:
                self.acknowledged.note("topic", name, handed_in)

        value = json.dumps({"application_id": name, "application": row})
        self._producer.produce(APPLICATIONS.name, value, key=name, on_delivery=told)
        self._producer.poll(0)

    def _by_rest(self, name: str, row: Cells) -> None:
        handed_in = monotonic()
        try:
            answer = self._client.post("/v1/applications", json={"application_id": name, "application": row})
        except httpx.TransportError:
            return
        if answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.OK}:
            self.acknowledged.note("REST", name, handed_in)
