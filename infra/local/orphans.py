"""Programs that outlived their supervisor, because it was killed."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 15


def orphans(marker: str) -> tuple[int, ...]:
    """Return the ids of the processes whose environment has this entry; none where there is no /proc."""
    return tuple(
        int(folder.name) for folder in Path("/proc").glob("[0-9]*") if marker in environment_of(folder)
    )


def environment_of(process: Path) -> list[str]:
    """Return the environment a process was started with; empty if it is gone or somebody else's."""
    try:
        return os.fsdecode((process / "environ").read_bytes()).split("\0")
    except OSError:
        return []


def end_orphans(marker: str) -> None:
    """Ask them to end, as Ctrl-C does, and kill those that have not after a while."""
    send(signal.SIGINT, orphans(marker))
    deadline = time.monotonic() + GRACE_SECONDS
    while orphans(marker) and time.monotonic() < deadline:
        time.sleep(0.1)
    send(signal.SIGKILL, orphans(marker))


def send(number: signal.Signals, processes: tuple[int, ...]) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)
