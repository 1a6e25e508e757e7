"""A campaign: one fault after the other under load, each judged before the next."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

from infra.local.kafka import answers_requests
from tests.chaos.faults import Fault
from tests.chaos.load import Load
from tests.chaos.witness import Book, Witness
from tests.engine import RunningEngine

SETTLE_SECONDS = 120.0
LOOK_EVERY = 0.02
SAMPLE = 200
"""Applications that are asked for at once to see whether the engine is back."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one fault."""

    fault: str
    lost: int
    doubled: int
    recovery: float
    """Seconds until an application handed in after the fault was decided and recorded."""
    since_port: float | None
    """The same, from the moment that the broker's port was open again; None for other faults."""


@dataclass(frozen=True)
class Campaign:
    """An engine under load, and those who watch it."""

    engine: RunningEngine
    load: Load
    witness: Witness
    book: Book
    chance: random.Random

    def run(self, chosen: Sequence[Fault]) -> Iterator[Result]:
        """Yield the result of each fault."""
        doubled = self.witness.doubled()
        for fault in chosen:
            begun = monotonic()
            counted = fault.inject(self.engine, self.chance)
            opened = self._port_open() if fault.name == "kill -9 kafka" else None
            back = self._back(counted)
            lost = self.settled(begun)
            now_doubled = self.witness.doubled()
            since_port = None if opened is None else back - opened
            yield Result(fault.name, lost, now_doubled - doubled, back - counted, since_port)
            doubled = now_doubled

    def settled(self, since: float) -> int:
        """Wait for a decision on everything acknowledged since then; return how many have none in time."""
        names = self.load.acknowledged_since(since)
        deadline = monotonic() + SETTLE_SECONDS
        missing = names
        while missing and monotonic() < deadline:
            sleep(LOOK_EVERY)
            missing = self.witness.undecided(missing) | (missing - self.book.recorded(missing))
        return len(missing)

    def _back(self, moment: float) -> float:
        """Return when the first application handed in after that moment was decided and recorded."""
        deadline = monotonic() + SETTLE_SECONDS
        while monotonic() < deadline:
            names = sorted(self.load.acknowledged_since(moment))[:SAMPLE]
            if names and self.book.recorded(names):
                return monotonic()
            sleep(LOOK_EVERY)
        return monotonic()

    def _port_open(self) -> float:
        host, _, port = self.engine.bootstrap.rpartition(":")
        deadline = monotonic() + SETTLE_SECONDS
        while not answers_requests(host, int(port)):
            assert monotonic() < deadline, "the broker does not come back"
            sleep(LOOK_EVERY)
        return monotonic()


def chosen_of(faults: Sequence[Fault], number: int, chance: random.Random) -> list[Fault]:
    """Return so many faults in random order, each kind as often as its weight says, and once at least."""
    whole = sum(fault.weight for fault in faults)
    times = {fault: max(1, round(number * fault.weight / whole)) for fault in faults}
    drawn = [fault for fault, often in times.items() for _ in range(often)]
    drawn += chance.choices(faults, [fault.weight for fault in faults], k=max(0, number - len(drawn)))
    chance.shuffle(drawn)
    return drawn
