"""What the programs hold in memory, and whether it is more than they are given."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path

from tests.benchmarks.usage import descendants, parents
from tests.chaos.faults import SERVICES
from tests.engine import RunningEngine
from tests.kubernetes import pods

PARTS = 4
"""Memory is told for each quarter of the time."""
MEBIBYTES = {"Mi": 1.0, "Gi": 1024.0}
Memory = dict[str, list[float]]
"""Megabytes of each program at each look."""


@dataclass(frozen=True, slots=True)
class Held:
    """Megabytes of a program and all that it started, what was swapped out included."""

    now: float
    most: float
    """Since it began."""


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
    lines = []
    for program, looks in memory.items():
        bounds = [len(looks) * part // PARTS for part in range(PARTS + 1)]
        most = [max(looks[a:b], default=0.0) for a, b in pairwise(bounds)]
        lines.append(f"{program:<18}" + " / ".join(f"{each:.0f}" for each in most) + " MB")
    return lines


def _held(engine: RunningEngine) -> Iterator[tuple[str, Held]]:
    parent_of = parents()
    for program, pid in engine.pids().items():
        if pid and program in {*SERVICES, "kafka"}:
            # One that has just ended has nothing to tell.
            with suppress(FileNotFoundError, ProcessLookupError, KeyError):
                own = _of_process(pid)
                started = sum(_now(each) for each in descendants([pid], parent_of) - {pid})
                yield program, Held(own.now + started, own.most + started)


def _now(pid: int) -> float:
    try:
        return _of_process(pid).now
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return 0.0


def _of_process(pid: int) -> Held:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    resident, most, swapped = (int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM", "VmSwap"))
    return Held(resident + swapped, max(most, resident + swapped))
