"""Decisions as they arrive, and who waits for them."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from services.contracts.codec import ContractError, Headers, decode_fast
from services.contracts.events import ApplicationDecided
from services.kit.records import Record

log = structlog.stdlib.get_logger("arrivals")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record of the decisions' topic, not read yet: most of them nobody here waits for."""

    value: bytes | None
    headers: Headers

    def decision(self) -> ApplicationDecided | None:
        """Return the decision; None, and a line in the log, where the record breaks its contract."""
        try:
            return decode_fast(ApplicationDecided, self.value, self.headers)
        except ContractError as error:
            log.error("decision_unreadable", error=str(error))  # noqa: TRY400 - the message says it all
            return None


class Expectation:
    """Somebody waits for the decision of one application."""

    def __init__(self, *, sure: bool) -> None:
        self.sure = sure
        """Whether decisions were being read when the wait began: then none is missed later."""
        self.arrived: asyncio.Future[Arrived | None] = asyncio.get_running_loop().create_future()
        """None when the process stops."""

    async def decision(self, within: float) -> ApplicationDecided | None:
        """Return the decision, or None when it has not arrived after `within` seconds."""
        await asyncio.wait((self.arrived,), timeout=within)
        found = self.arrived.result() if self.arrived.done() else None
        decision = found.decision() if found else None
        if found and decision is None:
            # An unreadable one is no answer: the next wait must last, or who follows would never pause.
            self.arrived = asyncio.get_running_loop().create_future()
        return decision


class Arrivals:
    """Hands decisions to who waits for them and remembers the latest, which the ledger may not have yet."""

    def __init__(self, *, remembered: int) -> None:
        self.reading = asyncio.Event()
        """Set while decisions are being read."""
        self._remembered = remembered
        self._latest: OrderedDict[bytes, Arrived] = OrderedDict()
        self._waiting: dict[bytes, set[Expectation]] = {}
        self._closed = False

    @contextmanager
    def expect(self, application_id: str) -> Iterator[Expectation]:
        """Wait for a decision while in the context. Enter it before anything is sent that may cause one."""
        key = application_id.encode()
        expectation = Expectation(sure=self.reading.is_set())
        known = self._latest.get(key)
        if known is not None or self._closed:
            expectation.arrived.set_result(known)
        waiting = self._waiting.setdefault(key, set())
        waiting.add(expectation)
        try:
            yield expectation
        finally:
            waiting.discard(expectation)
            if not waiting:
                self._waiting.pop(key, None)

    def take(self, record: Record) -> None:
        """Take a record of the decisions' topic."""
        self.put(record.key, Arrived(record.value, record.headers))

    def put(self, key: bytes | None, arrived: Arrived) -> None:
        """Take what has arrived under a key. The first decision of an application is the one that counts."""
        if key is None or key in self._latest:
            return
        self._latest[key] = arrived
        if len(self._latest) > self._remembered:
            self._latest.popitem(last=False)
        for expectation in self._waiting.get(key, ()):
            if not expectation.arrived.done():
                expectation.arrived.set_result(arrived)

    def latest(self, application_id: str) -> ApplicationDecided | None:
        """Return the decision of an application, if it arrived lately."""
        known = self._latest.get(application_id.encode())
        return known.decision() if known else None

    def waiting(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def closed(self) -> bool:
        """Whether the process stops, so that nobody should wait any more."""
        return self._closed

    def close(self) -> None:
        """Let everybody go."""
        self._closed = True
        for expectation in [each for waiting in self._waiting.values() for each in waiting]:
            if not expectation.arrived.done():
                expectation.arrived.set_result(None)
