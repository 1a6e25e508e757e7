"""Lines for the person at the terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def say(text: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(text, flush=True)


@contextmanager
def timed(done: str) -> Iterator[None]:
    """Say what was done and in how many seconds, if it was."""
    start = time.monotonic()
    yield
    say(f"{done} ({time.monotonic() - start:.1f} s)")


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, indented, after a line that says which it is."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:] if log.exists() else []
    return "\n".join((f"The end of {log}:", *(f"    {line}" for line in lines or ["(empty)"])))
