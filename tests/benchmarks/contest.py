"""Who is measured at what, and in which order: contestants take turns, so that a busy hour hits all."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.benchmarks.results import Figure

RAW = "raw applications"
READY = "ready-made features"
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of one run."""

    metric: str
    unit: str
    value: float
    under: str = ""
    """Under which load, or with how much at a time."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Gives its numbers of one run whenever asked."""

    name: str
    given: str
    """What it is given: RAW, READY or NOTHING that is the model's."""
    measure: Callable[[], Iterator[Measured]]
    lacks: str = ""
    """Why it cannot take part on this machine."""


@dataclass(frozen=True, slots=True)
class Case:
    """Contestants at the same work."""

    name: str
    contestants: tuple[Contestant, ...]
    note: str = ""
    """What must be known of its figures, said below them."""


def turns(case: Case, runs: int) -> Iterator[tuple[int, Contestant]]:
    """Yield who runs when: every contestant that can once, then every one again."""
    for run in range(1, runs + 1):
        for contestant in case.contestants:
            if not contestant.lacks:
                yield run, contestant


class Outcome(NamedTuple):
    """What a case came to."""

    figures: list[Figure]
    failed: list[str]
    """Who failed, in which run and why."""
    note: str = ""
    """The case's, where there are figures."""


def measure(case: Case, runs: int, say: Callable[[str], None]) -> Outcome:
    """Run a case so often, and tell of each turn, of who is left out and of who failed."""
    failed: list[str] = []
    for contestant in case.contestants:
        if contestant.lacks:
            say(f"{case.name}: {contestant.name} is left out: {contestant.lacks}")
    values: defaultdict[tuple[str, str, str, str, str], list[float]] = defaultdict(list)
    for run, contestant in turns(case, runs):
        say(f"{case.name}: {contestant.name}, run {run} of {runs}")
        try:
            for seen in tuple(contestant.measure()):
                key = (contestant.name, contestant.given, seen.under, seen.metric, seen.unit)
                values[key].append(seen.value)
        except Exception as error:  # noqa: BLE001 - whatever stops one, the others' figures took long
            failed.append(f"{case.name}: {contestant.name} failed in run {run} of {runs}: {error!r}")
            say(failed[-1])
    figures = [Figure(case.name, *key, tuple(seen)) for key, seen in values.items()]
    return Outcome(figures, failed, f"{case.name}: {case.note}" if figures and case.note else "")


def chosen(cases: Sequence[Case], part: str | None) -> list[Case]:
    """Return the cases whose name contains `part`, all of them without it."""
    return [case for case in cases if part is None or part.casefold() in case.name.casefold()]
