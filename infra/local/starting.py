"""Start parts and wait until they do their work."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from infra.local.console import last_lines, say
from infra.local.errors import LauncherError, wrong_input
from infra.local.orphans import orphans
from infra.local.part import Part, Program
from infra.local.ports import Port, refuse_taken
from infra.local.supervision import Process, Supervisor

POLL_SECONDS = 0.05
MOST_STARTS = 4
"""A part that has been started so often without becoming ready will not become so by waiting."""


@dataclass(frozen=True, slots=True)
class Started:
    """A part whose program runs."""

    part: Part
    program: Program | None
    since: float
    """Value of the monotonic clock, in seconds."""


def refuse_second_start(supervisor: Supervisor, ports: Sequence[Port]) -> None:
    """Raise LauncherError if an engine is up, or was not stopped cleanly, or a port is taken."""
    if supervisor.is_running():
        raise wrong_input("the engine is already running; `make down` stops it")
    if orphans(supervisor.marker):
        raise wrong_input("programs of an earlier run are still there; `make down` ends them")
    refuse_taken(ports)


def start(supervisor: Supervisor, part: Part) -> Started:
    """Prepare a part and start its program, without waiting for it.

    Raises LauncherError.
    """
    part.prepare()
    since = time.monotonic()
    program = part.program()
    if program is not None:
        supervisor.add(program)
    return Started(part, program, since)


def wait_until_ready(supervisor: Supervisor, started: Sequence[Started], within: timedelta) -> None:
    """Say when each part is ready, and return when all are.

    Raises LauncherError with the end of the log of a part that gives up, or is not ready in time.
    """
    waiting = list(started)
    starts: dict[str, set[int]] = {}
    deadline = time.monotonic() + within.total_seconds()
    while waiting:
        for one in tuple(waiting):
            if one.part.is_ready():
                waiting.remove(one)
                say(f"{one.part.title}: ready ({time.monotonic() - one.since:.1f} s)")
        processes = {process.name: process for process in supervisor.processes()}
        for one in waiting:
            if one.program is not None:
                process = processes[one.program.name]
                starts.setdefault(process.name, set()).add(process.started)
                if has_ended(process, one.program) or len(starts[process.name]) >= MOST_STARTS:
                    raise failure(supervisor, one, "does not stay up")
            if time.monotonic() > deadline:
                raise failure(supervisor, one, f"is not ready after {within.total_seconds():.0f} s")
        if waiting:
            time.sleep(POLL_SECONDS)


def has_ended(process: Process, program: Program) -> bool:
    """Tell whether the supervisor will not start it again."""
    on_purpose = process.state == "EXITED" and process.exit_code in program.ends_with
    return on_purpose or process.state in {"FATAL", "STOPPED"}


def failure(supervisor: Supervisor, started: Started, what: str) -> LauncherError:
    """Return the error that names the part and shows the end of its log."""
    sentence = f"{started.part.title} {what}"
    if started.program is None:
        return LauncherError(sentence)
    return LauncherError(f"{sentence}. {last_lines(supervisor.state.logs / f'{started.program.name}.log')}")
