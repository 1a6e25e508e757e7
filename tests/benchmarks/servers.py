"""Servers that are started for a measurement and stopped after it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from infra.local.console import last_lines
from infra.local.settings import REPOSITORY
from tests.parts import until


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers."""

    address: str
    pids: tuple[int, ...]
    """Its processes, without those that they started."""
    beside: tuple[int, ...] = ()
    """What it stands on."""


@contextmanager
def served(
    command: Sequence[str], port: int, ready: str, environment: Mapping[str, str]
) -> Iterator[Serving]:
    """Start a server in the repository's folder, wait until the path `ready` is 200, and stop it at the end.

    Raises AssertionError when it does not start.
    """
    address = f"http://127.0.0.1:{port}"
    with TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            cwd=REPOSITORY,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until(lambda: _answers(process, address + ready, Path(log.name)), f"{command} to be ready")
            yield Serving(address, (process.pid,))
        finally:
            _end(process)


def _answers(process: subprocess.Popen[bytes], url: str, log: Path) -> bool:
    assert process.poll() is None, f"{process.args!r} ended. {last_lines(log)}"
    try:
        return httpx.get(url, timeout=30).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
