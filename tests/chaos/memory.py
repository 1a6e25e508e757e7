"""What the programs hold in memory, and whether it is more than they are given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path

from tests.benchmarks.usage import descendants, parents
from tests.chaos.faults import SERVICES
from tests.engine import RunningEngine
from tests.kubernetes import pods

WATCHED = {*SERVICES, "kafka", "kafka-controller"}
PARTS = 4
"""Memory is told for each quarter of the time."""
GROWTH, GROWTH_MEGABYTES = 1.1, 10.0
"""More than both of these says that a program grows."""
MEBIBYTES = {"Mi": 1.0, "Gi": 1024.0}
Memory = dict[str, list[float]]
"""Megabytes of each program at each look."""


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes of a program and all that it started, what was swapped out included."""

    now: float
    most: float
    """Since it began."""
    own: float
    """Of what it holds now, without what it started: reports come and go, and a look may miss them."""
    pid: int


def look(engine: RunningEngine, memory: Memory) -> dict[str, Held]:
    """Add what each program holds now to `memory`, and return it."""
    seen = dict(_held(engine))
    for program, held in seen.items():
        memory.setdefault(program, []).append(held.now)
    return seen


def swollen(seen: Mapping[str, Held], given: Mapping[str, float]) -> tuple[str, ...]:
    """Return the programs that have held more than they are given."""
    return tuple(name for name, held in seen.items() if held.most > given.get(name, inf))


def pods_memory() -> dict[str, float]:
    """Return the megabytes that a pod of each service may take: with more it would be ended there."""
    limits = {name: pod["containers"][0]["resources"]["limits"]["memory"] for name, pod in pods().items()}
    return {name: float(limit[:-2]) * MEBIBYTES[limit[-2:]] for name, limit in limits.items()}


def quarters(memory: Memory) -> list[str]:
    """Return a line for each program: the most in each quarter of the looks."""
    return [
        f"{program:<18}" + " / ".join(f"{each:.0f}" for each in most_by_quarter(looks)) + " MB"
        for program, looks in memory.items()
    ]


def grown(seen: Mapping[str, Sequence[Held]]) -> tuple[str, ...]:
    """Return the programs that held clearly more in the last quarter of the looks than in the second.

    In the first they warm up. What was started again meanwhile says nothing: it warms up once more.
    """
    return tuple(
        name for name, looks in seen.items() if len({each.pid for each in looks}) == 1 and _grew(looks)
    )


def _grew(looks: Sequence[Held]) -> bool:
    _, second, _, last = most_by_quarter([each.own for each in looks])
    # A run of fewer looks has nothing in its second quarter.
    return len(looks) >= PARTS and last > max(second * GROWTH, second + GROWTH_MEGABYTES)


def most_by_quarter(looks: Sequence[float]) -> tuple[float, float, float, float]:
    """Return the most in each quarter of the looks."""
    bounds = [len(looks) * part // PARTS for part in range(PARTS + 1)]
    first, second, third, last = (max(looks[a:b], default=0.0) for a, b in pairwise(bounds))
    return first, second, third, last


def _held(engine: RunningEngine) -> Iterator[tuple[str, Held]]:
    parent_of = parents()
    for program, pid in engine.pids().items():
        # One that has just ended has nothing to tell.
        with suppress(FileNotFoundError, ProcessLookupError, KeyError):
            if pid and program in WATCHED:
                yield program, _of_program(pid, descendants([pid], parent_of) - {pid})
            elif pid and program == "postgres":
                yield program, _of_postgres(pid, descendants([pid], parent_of))


def _of_program(pid: int, children: Iterable[int]) -> Held:
    own = _of_process(pid)
    started = sum(_now(each) for each in children)
    return Held(own.now + started, own.most + started, own.now, pid)


def _of_postgres(pid: int, family: Iterable[int]) -> Held:
    """Return what PostgreSQL's processes have for themselves, but for those that tidy up now and then.

    The memory that all of them share is left out: it is of a fixed size, fills in any case, and would count
    once for each. The proportional share (PSS) would have it fill too, and has the kernel walk all its pages.
    """
    private = sum(_private(each) for each in family)
    return Held(private, private, private, pid)


def _private(pid: int) -> float:
    try:
        if b"autovacuum worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return 0.0
        return sum(_megabytes(pid, "RssAnon", "VmSwap"))
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return 0.0


def _now(pid: int) -> float:
    try:
        return _of_process(pid).now
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return 0.0


def _of_process(pid: int) -> Held:
    resident, most, swapped = _megabytes(pid, "VmRSS", "VmHWM", "VmSwap")
    now = resident + swapped
    return Held(now, max(most, now), now, pid)


def _megabytes(pid: int, *names: str) -> list[float]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return [int(fields[name].split()[0]) / 1024 for name in names]
