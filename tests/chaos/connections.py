"""Connections that are cut."""

import os
import random
import shutil
import socket
import subprocess
from time import monotonic, sleep
from typing import Literal, get_args

from infra.local.ports import HOST
from tests.engine import RunningEngine

Program = Literal["Kafka", "PostgreSQL"]
LINKED: tuple[Program, ...] = get_args(Program)
"""To whom there are connections."""
CUTS = 10


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
