"""Faults of what lies around the programs: connections and disks."""

import errno
import os
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Literal, get_args

from infra.local.ports import HOST
from tests.engine import RunningEngine

Program = Literal["Kafka", "PostgreSQL"]
LINKED: tuple[Program, ...] = get_args(Program)
"""To whom there are connections."""
CUTS = 10
DISKS = {"kafka": "1500m", "postgres": "1500m"}
FULL_SECONDS = 8.0
CHUNK = 16 * 1024 * 1024


def can_cut() -> bool:
    """Tell whether connections of others can be cut here: by root, `ss`, and a kernel that lets it."""
    if os.geteuid() != 0 or shutil.which("ss") is None:
        return False
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HOST, port)):
            return cut(port) > 0


def cut_connections(program: Program, engine: RunningEngine, chance: random.Random) -> float:
    """Cut every connection to a program, again and again for some seconds."""
    were_cut = 0
    for _cut in range(CUTS):
        were_cut += cut(port_of(program, engine))
        sleep(chance.uniform(0.05, 0.6))
    assert were_cut, f"nobody was connected to {program}"
    return monotonic()


def cut(port: int) -> int:
    """Cut every connection to a port, and return how many that were."""
    # What the kernel will not cut, it leaves out without a word.
    command = ("ss", "-K", "--no-header", "--tcp", "dport", "=", f":{port}")
    return len(subprocess.run(command, capture_output=True, check=True).stdout.splitlines())


def port_of(program: Program, engine: RunningEngine) -> int:
    """Return where a program listens; of several brokers, the last one."""
    if program == "PostgreSQL":
        return engine.engine.settings.postgres_port
    return int(engine.bootstrap.rpartition(":")[2])


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
