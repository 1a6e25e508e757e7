"""Links that are silent: what goes to and from a port is dropped for a while, and nobody is told."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

from tests.chaos.connections import Program, port_of
from tests.engine import RunningEngine

SHORTEST, LONGEST = 3.0, 20.0
"""Seconds: some less than a session lasts, and some longer."""
NOBODY = 1


def can_drop() -> bool:
    """Tell whether packets of this machine's own link can be dropped: by root and `iptables`."""
    if os.geteuid() != 0 or shutil.which("iptables") is None:
        return False
    try:
        with silent(NOBODY):
            return True
    except subprocess.CalledProcessError:
        return False


def silent_link(program: Program, engine: RunningEngine, chance: random.Random) -> float:
    """Let nothing pass to and from a program for some seconds: nothing is refused, nothing ends."""
    with silent(port_of(program, engine)):
        sleep(chance.uniform(SHORTEST, LONGEST))
    return monotonic()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """Drop what goes to and from a port. Raises CalledProcessError where the kernel cannot."""
    with ExitStack() as rules:
        for side in ("--dport", "--sport"):
            rule = ("INPUT", "-i", "lo", "-p", "tcp", side, str(port), "-j", "DROP")
            _iptables("-A", *rule)
            rules.callback(_iptables, "-D", *rule)
        yield


def _iptables(*arguments: str) -> None:
    # Others on this machine may be changing rules.
    subprocess.run(("iptables", "--wait", *arguments), check=True, capture_output=True)
