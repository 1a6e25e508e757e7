"""What is done to an engine's programs: waited for, stopped for a while, doubled."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

from infra.local.ports import http_status
from tests.benchmarks.usage import descendants, parents
from tests.engine import RunningEngine, free_port
from tests.parts import until


def ready(engine: RunningEngine, name: str) -> None:
    """Return when a program says that it is ready."""
    own = engine.engine
    parts = (*own.services(engine.bootstrap), *own.broker().parts(), own.mlflow)
    known = {program.name: part for part in parts if (program := part.program())}
    until(known[name].is_ready, f"{name} to be ready")


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Stop a process for the length of the block, and all that it started: PostgreSQL's sessions, too."""
    stopped: set[int] = set()
    try:
        # What one of them started before it was stopped is found by the next look.
        while running := descendants([pid], parents()) - stopped:
            stopped |= running
            _send(running, signal.SIGSTOP)
        yield
    finally:
        _send(stopped, signal.SIGCONT)


def _send(pids: Iterable[int], signal_: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal_)


@contextmanager
def spare(engine: RunningEngine, program: str, instance: str) -> Iterator[None]:
    """Run one more instance of a stage for the length of the block, ready from its beginning."""
    port = free_port()
    process = subprocess.Popen(
        engine.command(f"services.{program}"),
        env={
            **os.environ,
            **engine.environment,
            "OCTROI_INSTANCE": instance,
            "OCTROI_PROBE_PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: http_status(port, "/health/ready") == HTTPStatus.OK, f"{instance} of {program}")
        yield
    finally:
        process.terminate()
        process.wait(60)
