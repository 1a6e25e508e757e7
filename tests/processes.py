"""Services as processes that a test starts, waits for and stops."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from infra.local.ports import http_status
from infra.local.settings import REPOSITORY
from tests.parts import DEADLINE_SECONDS, until


@dataclass(frozen=True)
class Process:
    """A program of the project, with what it says in a file."""

    module: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text()

    def ended(self) -> int:
        """Return the exit code, once it has ended by itself."""
        return self.process.wait(DEADLINE_SECONDS)

    def ready(self, port: int) -> None:
        """Return when it says on its probes' port that it is ready."""

        def is_ready() -> bool:
            assert self.process.poll() is None, f"{self.module} ended:\n{self.said()}"
            return http_status(port, "/health/ready") == HTTPStatus.OK

        until(is_ready, f"{self.module} to be ready")

    def stopped(self) -> int:
        """Ask it to stop and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()


@contextmanager
def running(module: str, folder: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[Process]:
    """Run a program for the length of the block; killed at the end if it has not ended by then."""
    log = folder / f"{module}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", module, *arguments),
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Process(module, log, process)
    finally:
        process.kill()
        process.wait()
