"""One command at a time starts parts in a state folder, or removes what they kept there."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from infra.local.console import say
from infra.local.errors import wrong_input
from infra.local.ports import Port
from infra.local.starting import refuse_second_start
from infra.local.state import State
from infra.local.supervision import Supervisor


@contextmanager
def only_start(supervisor: Supervisor, ports: Sequence[Port]) -> Iterator[None]:
    """Hold the state folder for a start, where nothing runs and no port is taken.

    Raises LauncherError.
    """
    # Before the claim, so that a refused start makes no folder; after it, as somebody may have started.
    refuse_second_start(supervisor, ports)
    supervisor.state.create()
    with claimed(supervisor.state):
        refuse_second_start(supervisor, ports)
        yield


@contextmanager
def claimed(state: State, *, patient: bool = False) -> Iterator[None]:
    """Hold the state folder until the block ends, or this process.

    Where another process holds it, waits for it if `patient`, and raises LauncherError if not.
    """
    state.root.mkdir(parents=True, exist_ok=True)
    with state.marker.open("a+", encoding="utf-8") as file:
        _lock(file, patient=patient)
        if not _is_at(file, state.marker):
            # It was removed while this waited: others would lock another file.
            with claimed(state, patient=patient):
                yield
            return
        # A full disk must not keep anybody from removing what is on it.
        with suppress(OSError):
            state.marker.write_text(str(os.getpid()), encoding="utf-8")
        yield


def _lock(file: TextIO, *, patient: bool) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        sentence = f"another command (process {file.read()}) starts the engine's parts or has them for itself"
        if not patient:
            raise wrong_input(f"{sentence}: wait for its end, or stop it") from None
        say(f"{sentence}: waiting for its end")
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_at(file: TextIO, place: Path) -> bool:
    return place.exists() and os.path.samestat(os.fstat(file.fileno()), place.stat())
