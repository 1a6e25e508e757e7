"""Faults of what lies around the programs: connections and disks."""

import errno
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from tests.engine import RunningEngine

CUTS = 10
DISKS = {"kafka": "1500m", "postgres": "1500m"}
FULL_SECONDS = 8.0
CHUNK = 16 * 1024 * 1024


def can_cut() -> bool:
    """Tell whether connections of others can be cut here, by root and `ss`."""
    return os.geteuid() == 0 and shutil.which("ss") is not None


def cut_connections(port: int, _: RunningEngine, chance: random.Random) -> float:
    """Cut every connection to a port, again and again for some seconds."""
    for _cut in range(CUTS):
        subprocess.run(("ss", "-K", "dport", "=", f":{port}"), capture_output=True, check=True)
        sleep(chance.uniform(0.05, 0.6))
    return monotonic()


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
def small_disks(state: Path) -> Iterator[None]:
    """Give the broker and PostgreSQL small disks of their own, in memory, before they first start.

    Only root may; raises CalledProcessError for others.
    """
    mounted: list[Path] = []
    try:
        for program, size in DISKS.items():
            place = state / program
            place.mkdir(parents=True)
            command = ("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(place))
            subprocess.run(command, check=True, capture_output=True)
            mounted.append(place)
        yield
    finally:
        for place in mounted:
            subprocess.run(("umount", "--lazy", str(place)), check=False)
