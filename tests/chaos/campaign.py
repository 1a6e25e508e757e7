"""A campaign: one fault after the other under load, each judged before the next."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, sleep

from tests.chaos.acknowledged import Place
from tests.chaos.faults import Fault
from tests.chaos.groups import Groups
from tests.chaos.load import Load
from tests.chaos.memory import Memory, look, pods_memory, swollen
from tests.chaos.programs import ready
from tests.chaos.recovery import FIRST, places, still_out
from tests.chaos.result import Result, Total
from tests.chaos.witness import Book, Witness
from tests.engine import RunningEngine

SETTLE_SECONDS = 120.0
QUIET_SECONDS = 5.0
"""Without a decision on the topic, once nothing more comes in, until all of it is read."""
LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Campaign:
    """An engine under load, and those who watch it."""

    engine: RunningEngine
    load: Load
    witness: Witness
    book: Book
    groups: Groups
    chance: random.Random
    partitions: int
    """Of the applications' topic."""
    memory: Memory = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=pods_memory)

    def run(self, chosen: Sequence[Fault]) -> Iterator[Result]:
        """Yield the result of each fault. What was under way when it began is judged with it."""
        doubled, since = self.witness.doubled(), 0.0
        for fault in chosen:
            begun = monotonic()
            self.witness.pauses.begin()
            counted = fault.inject(self.engine, self.chance)
            opened = self._port_open(fault.needed)
            if fault.program:
                ready(self.engine, fault.program)
            back = self._back(counted, places(self.partitions))
            lost, since = self.settled(since), begun
            now_doubled = self.witness.doubled()
            yield Result(
                fault.name,
                lost,
                now_doubled - doubled,
                None if back is None else back - counted,
                None if back is None or opened is None else back - opened,
                self.witness.pauses.longest(),
                self.load.is_answered(),
                self.groups.standing(SETTLE_SECONDS),
                swollen(look(self.engine, self.memory), self.given),
            )
            doubled = now_doubled

    def end(self) -> Total:
        """Stop the load, and judge all that was ever acknowledged."""
        self.load.stop()
        lost = self.settled(0.0)
        self.witness.wait_until_quiet(QUIET_SECONDS)
        return Total(len(self.load.acknowledged.since(0.0)), lost, self.witness.doubled())

    def settled(self, since: float) -> int:
        """Wait for a decision on everything acknowledged since then; return how many have none in time."""
        names = self.load.acknowledged.since(since)
        deadline = monotonic() + SETTLE_SECONDS
        missing = names
        while missing and monotonic() < deadline:
            sleep(LOOK_EVERY)
            missing = self.witness.undecided(missing) | (missing - self.book.recorded(missing))
        return len(missing)

    def _back(self, moment: float, awaited: set[Place]) -> float | None:
        """Return when applications handed in after that moment were decided and recorded in every place."""
        deadline = monotonic() + SETTLE_SECONDS
        first = partial(self.load.acknowledged.first_since, moment, number=FIRST)
        while monotonic() < deadline:
            awaited = still_out(awaited, first, self.book.recorded)
            if not awaited:
                return monotonic()
            sleep(LOOK_EVERY)
        return None

    def _port_open(self, program: str | None) -> float | None:
        """Wait until a program answers, which others need; return the moment, None where there is none."""
        if program is None:
            return None
        ready(self.engine, program)
        return monotonic()


def chosen_of(faults: Sequence[Fault], number: int, chance: random.Random) -> list[Fault]:
    """Return so many faults in random order, each kind as often as its weight says, and once at least."""
    whole = sum(fault.weight for fault in faults)
    times = {fault: max(1, round(number * fault.weight / whole)) for fault in faults}
    drawn = [fault for fault, often in times.items() for _ in range(often)]
    drawn += chance.choices(faults, [fault.weight for fault in faults], k=max(0, number - len(drawn)))
    chance.shuffle(drawn)
    return drawn
