"""Links that are slow: all that goes to and from a port shares a narrow one for a while."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from tests.chaos.connections import Program, port_of
from tests.engine import RunningEngine

WIDTH = "2mbit"
"""Less than a hundred applications a second take between the broker and all its clients."""
SECONDS = 6.0
NOBODY = 1


def can_slow() -> bool:
    """Tell whether this machine's own link can be made narrow: by root, `tc` and the kernel's HTB and u32."""
    if os.geteuid() != 0 or shutil.which("tc") is None:
        return False
    try:
        with narrow(NOBODY):
            return True
    except subprocess.CalledProcessError:
        return False


def slow_link(program: Program, engine: RunningEngine, _: random.Random) -> float:
    """Let a program's connections share a narrow link for some seconds."""
    with narrow(port_of(program, engine)):
        sleep(SECONDS)
    return monotonic()


@contextmanager
def narrow(port: int) -> Iterator[None]:
    """Hold what goes to and from a port to WIDTH. Raises CalledProcessError where the kernel cannot."""
    _tc("qdisc add dev lo root handle 1: htb")
    try:
        _tc(f"class add dev lo parent 1: classid 1:1 htb rate {WIDTH}")
        for side in ("sport", "dport"):
            _tc(f"filter add dev lo parent 1: protocol ip u32 match ip {side} {port} 0xffff flowid 1:1")
        yield
    finally:
        _tc("qdisc del dev lo root")


def _tc(command: str) -> None:
    subprocess.run(("tc", *command.split()), check=True, capture_output=True)
