"""What processes take: processor time and memory, from /proc."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
PEAK = "5"
"""What `clear_refs` takes for the peak of memory."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of some processes and all that they started."""

    processor: float
    """Seconds of processor time, of children that have ended too."""
    memory: float
    """Megabytes that each held at most since `forget_peaks`, or since its start, added up: pages that they
    share count for each."""


def usage(pids: Iterable[int]) -> Usage:
    """Return what the processes and their children have taken so far."""
    family = descendants(pids, parents())
    return Usage(sum(map(processor, family)), sum(map(_peak, family)))


def forget_peaks(pids: Iterable[int]) -> None:
    """Let the peaks of the processes and their children begin at what they hold now.

    Who serves longer than one measurement would tell of all that came before it.
    """
    for pid in descendants(pids, parents()):
        # It may have ended meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            (PROCESSES / str(pid) / "clear_refs").write_text(PEAK, encoding="ascii")


def processor(pid: int) -> float:
    """Return a process's seconds of processor time, with those of children that it has waited for."""
    # Both times of its own, both of its children: fields 14 to 17.
    return sum(map(int, _stat(pid)[11:15])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Return the megabytes that a process holds now."""
    pages = int((PROCESSES / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def parents() -> dict[int, int]:
    """Return the parent of each process."""
    return {pid: int(stat[1]) for pid in _pids() if (stat := _stat(pid))}


def descendants(pids: Iterable[int], parent_of: Mapping[int, int]) -> set[int]:
    """Return the processes with their children and children's children."""
    family = set(pids) & parent_of.keys()
    while more := {pid for pid, parent in parent_of.items() if parent in family} - family:
        family |= more
    return family


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, which may hold blanks; none where the process has ended."""
    try:
        return (PROCESSES / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _peak(pid: int) -> float:
    try:
        status = (PROCESSES / str(pid) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))
