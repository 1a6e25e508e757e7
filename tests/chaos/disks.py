"""Disks that are full."""

import errno
import os
import random
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tests.engine import RunningEngine

DISKS = ("kafka", "postgres")
"""Who can have one to itself."""
EMPTY_MEGABYTES = 500
"""What both begin with, and room to spare."""
SECONDS_EACH = 12.0
"""That a fault and its judging take, on average, at the most."""
KILOBYTES_EACH = 4.5
"""Of Kafka's log for an application, in three topics; PostgreSQL's is 3, its own log included."""
ENGINE_MEGABYTES = 4000
FULL_SECONDS = 8.0
CHUNK = 16 * 1024 * 1024


def size_of_disk(faults: int, rate: float) -> int:
    """Return the megabytes that hold all that so many faults bring: a disk must not be full unasked."""
    return EMPTY_MEGABYTES + round(faults * SECONDS_EACH * rate * KILOBYTES_EACH / 1000)


def can_fill(megabytes: int) -> bool:
    """Tell whether small disks can be mounted here: by root, in memory, of which both full ones take much."""
    if os.geteuid() != 0 or _free_megabytes() < len(DISKS) * megabytes + ENGINE_MEGABYTES:
        return False
    try:
        with TemporaryDirectory() as folder, small_disks(Path(folder), DISKS[:1], megabytes):
            return True
    except subprocess.CalledProcessError:
        return False


def fill_disk(program: str, engine: RunningEngine, _: random.Random) -> float:
    """Fill the disk that a program has to itself, and make room again after some seconds."""
    ballast = disk_of(engine, program) / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(CHUNK))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        sleep(FULL_SECONDS)
    finally:
        ballast.unlink()
    return monotonic()


def disk_of(engine: RunningEngine, program: str) -> Path:
    """Return where a program's disk is mounted."""
    state = engine.engine.state
    return {"kafka": state.kafka, "postgres": state.postgres}[program]


@contextmanager
def small_disks(state: Path, programs: Iterable[str], megabytes: int) -> Iterator[None]:
    """Give programs small disks of their own, in memory, before they first start.

    Only root may; raises CalledProcessError for others.
    """
    mounted: list[Path] = []
    try:
        for program in programs:
            place = state / program
            place.mkdir(parents=True)
            command = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(place))
            subprocess.run(command, check=True, capture_output=True)
            mounted.append(place)
        yield
    finally:
        for place in mounted:
            subprocess.run(("umount", "--lazy", str(place)), check=False)


def _free_megabytes() -> float:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    [available] = [line for line in lines if line.startswith("MemAvailable:")]
    return int(available.split()[1]) / 1024
