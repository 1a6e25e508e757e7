"""The real parts for tests: started as the launcher starts them, on free ports, with nothing to keep."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from infra.local.console import last_lines
from infra.local.java import find_java, has_maven
from infra.local.kafka import OLDEST_JAVA, ApacheKafka
from infra.local.kafka_jars import has_jars
from infra.local.part import Part
from infra.local.postgres import SMALL_MACHINE, Postgres
from infra.local.settings import LocalSettings
from infra.local.state import State
from tests.engine import free_port

NO_KAFKA = f"Apache Kafka needs Java {OLDEST_JAVA} and Maven, or KAFKA_BOOTSTRAP_SERVERS"
DEADLINE_SECONDS = 120
PROCESSES = Path("/proc")
ENDED = ("Z", "X")
"""States of processes that nobody has asked about yet."""
K = TypeVar("K", bound=ApacheKafka)


def until(condition: Callable[[], bool], what: str, within: float = DEADLINE_SECONDS) -> None:
    """Return when the condition holds; fail, saying what was waited for, when it does not."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"waited {within:.0f} s for {what}"
        time.sleep(0.02)


@dataclass
class RunningPart:
    """A part's process, which a test can kill and start again."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process and return when the part is ready."""
        program = self.part.program()
        assert program is not None
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env={**os.environ, **program.environment},
                user=program.user,
                group=program.user,
                extra_groups=None if program.user is None else (),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self._is_ready, f"{self.part.title} to be ready")

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            children = _children(self.process.pid)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            # PostgreSQL's have groups of their own, and while one is left it does not start again.
            until(lambda: not any(map(_runs, children)), f"the processes of {self.part.title} to end")

    def stop(self) -> None:
        """End it in order; kill it if that takes too long."""
        program = self.part.program()
        if self.process is not None and program is not None:
            self.process.send_signal(signal.Signals[f"SIG{program.stop_signal}"])
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.part.title} ended. {last_lines(self.log)}"
        return self.part.is_ready()


def _children(pid: int) -> list[Path]:
    """Return the folders of a process's children, where the system has such."""
    listed = PROCESSES / str(pid) / "task" / str(pid) / "children"
    return [PROCESSES / child for child in listed.read_text().split()] if listed.exists() else []


def _runs(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] not in ENDED
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass
class OwnKafka:
    """A broker of one test's own, with its topics and addresses the same after a restart."""

    bootstrap: str
    running: RunningPart

    def kill(self) -> None:
        """End the broker as a crash does."""
        self.running.kill()

    def start(self) -> None:
        """Start it again and return when it answers."""
        self.running.start()


class PromptKafka(ApacheKafka):
    """A broker that looks for transactions whose time is up twice a second instead of every ten."""

    def configuration(self) -> str:
        """Return any broker's configuration, with that line."""
        return f"{super().configuration()}\ntransaction.abort.timed.out.transaction.cleanup.interval.ms=500\n"


@contextmanager
def part_folder() -> Iterator[Path]:
    """Make a folder that PostgreSQL's own user can reach, which pytest's cannot be, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="octroi-tests-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_part(part: Part, log: Path) -> Iterator[RunningPart]:
    """Prepare and start a part, and stop it at the end."""
    part.prepare()
    running = RunningPart(part, log)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def new_kafka(folder: Path, kind: Callable[..., K] = PromptKafka) -> K | None:  # type: ignore[assignment]
    """Return a broker with its topics in `folder` and `make run`'s jars, or None where it cannot run."""
    java, jars = find_java(), State(LocalSettings().state_folder).kafka_jars
    if java is None or java.major < OLDEST_JAVA or not (has_jars(jars) or has_maven()):
        return None
    return kind(folder, jars, java, free_port(), free_port())


def new_postgres(folder: Path) -> Postgres:
    """Return a server whose data lie in `folder` and need not outlive the machine."""
    return Postgres(folder, free_port(), (*SMALL_MACHINE, ("fsync", "off")))
