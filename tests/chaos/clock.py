"""A clock that jumps for all programs of an engine at once, by a small library that they load first."""

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from tests.engine import RunningEngine

SOURCE = Path(__file__).with_suffix(".c")
JUMPS = (-3600, -60, 60, 3600)
"""Seconds: a clock set by hand, and one that was an hour off."""
SHORTEST, LONGEST = 2.0, 5.0
"""Seconds until it jumps back."""


def can_jump() -> bool:
    """Tell whether the library can be made here."""
    return sys.platform == "linux" and shutil.which("cc") is not None


@contextmanager
def own_clock(folder: Path) -> Iterator[Path]:
    """Let what is started in the block read the time through the library; give the file that moves it."""
    library, moved = folder / "clock.so", folder / "clock"
    subprocess.run(("cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"), check=True)
    moved.write_bytes(bytes(8))
    before = os.environ.get("LD_PRELOAD", "")
    os.environ |= {"LD_PRELOAD": f"{library} {before}".strip(), "OCTROI_CHAOS_CLOCK": str(moved)}
    try:
        yield moved
    finally:
        os.environ["LD_PRELOAD"] = before


def jump(clock: Path, _: RunningEngine, chance: random.Random) -> float:
    """Set the clock forward or back, and some seconds later right again."""
    _move(clock, chance.choice(JUMPS))
    try:
        sleep(chance.uniform(SHORTEST, LONGEST))
    finally:
        _move(clock, 0)
    return monotonic()


def _move(clock: Path, seconds: int) -> None:
    # In place: programs have the file in their memory.
    with clock.open("r+b") as file:
        file.write(struct.pack("=q", seconds))
