"""The whole engine, started as `make up` does, for tests and benchmarks: own state, own ports."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from infra.local.engine import Engine, assemble
from infra.local.java import find_java, has_maven
from infra.local.kafka import OLDEST_JAVA
from infra.local.kafka_jars import has_jars
from infra.local.settings import REPOSITORY, LocalSettings

SERVICES = ("gateway", "feature", "scoring", "ledger", "monitoring")
BELOW_CLIENTS = range(20_000, 32_000)
"""From 32768 on Linux gives ports to clients."""
RESTARTED_WITHIN = 60
"""Seconds."""
PORTS = (*SERVICES, "ui", "mlflow", "kafka", "kafka_controller", "postgres")


@dataclass(frozen=True)
class RunningEngine:
    """An engine that is up, seen from outside."""

    engine: Engine
    data: Path
    launcher: Mapping[str, str]
    """Variables that make the launcher's commands mean this engine."""

    @property
    def environment(self) -> dict[str, str]:
        """Where Kafka, PostgreSQL and MLflow are, for programs of the project."""
        return self.engine.environment(self.bootstrap)

    @property
    def bootstrap(self) -> str:
        return self.engine.broker().bootstrap()

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.engine.settings.gateway_port}"

    @property
    def monitoring(self) -> str:
        return f"http://127.0.0.1:{self.engine.settings.monitoring_port}"

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.engine.settings.ui_port}"

    @property
    def api_key(self) -> str:
        return self.engine.state.api_key.read_text().strip()

    def kill(self, program: str) -> float:
        """End a program as a crash does, wait until it is gone, and return when it was (monotonic clock).

        The supervisor starts it again.
        """
        pid = self.pid(program)
        killed = monotonic()
        os.kill(pid, signal.SIGKILL)
        while self.pids()[program] == pid:
            assert monotonic() < killed + RESTARTED_WITHIN, f"{program} does not end"
            sleep(0.02)
        return killed

    def pid(self, program: str) -> int:
        """Return a program's process, and wait for it where it is being started again."""
        deadline = monotonic() + RESTARTED_WITHIN
        # To the system 0, which stands for none, means whoever asks.
        while not (pid := self.pids()[program]):
            assert monotonic() < deadline, f"{program} is not started again"
            sleep(0.02)
        return pid

    def pids(self) -> dict[str, int]:
        """Return the process of each program, 0 for one that does not run."""
        return {process.name: process.pid for process in self.engine.supervisor.processes()}

    def command(self, module: str, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", module, *arguments)

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the project against this engine."""
        return subprocess.run(
            self.command(module, *arguments),
            env={**os.environ, **self.environment},
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a program of the project against this engine."""
        return subprocess.Popen(
            self.command(module, *arguments),
            env={**os.environ, **self.environment, **environment},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def demand_own_kafka() -> None:
    """End the program where it would not have an Apache Kafka of its own: on another's it would do damage."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        sys.exit(
            f"KAFKA_BOOTSTRAP_SERVERS: unset it: topics on {named} would be removed and filled with trials; "
            "without it a Kafka of its own is started"
        )
    java = find_java()
    if java is None or java.major < OLDEST_JAVA or not (has_jars(_jars()) or has_maven()):
        sys.exit(f"there is no Apache Kafka: install Java {OLDEST_JAVA} and Maven")


@contextmanager
def running_engine(
    state: Path, *, data: Path | None = None, rows: int = 4000, partitions: int = 1
) -> Iterator[RunningEngine]:
    """Start an engine whose state is in `state`, on free ports, and stop it at the end.

    Without `data` it trains on a sample of `rows` applications.
    """
    given = {"state": state, "sample_rows": rows, "topic_partitions": partitions, **engine_ports()}
    settings = LocalSettings.model_validate(given)
    share_jars(settings)
    variables = as_variables(given)
    launch(variables, "up", *(("--data", str(data)) if data else ()))
    try:
        engine = assemble(settings)
        yield RunningEngine(engine, data or engine.state.sample, variables)
    finally:
        launch(variables, "down")


def engine_ports() -> dict[str, int]:
    """Return a free port for each setting of the launcher that is one."""
    return {f"{name}_port": port for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}


def as_variables(settings: Mapping[str, object]) -> dict[str, str]:
    """Return settings of the launcher as its variables."""
    return {f"OCTROI_{name.upper()}": str(value) for name, value in settings.items()}


def free_port() -> int:
    """Return a port that nobody listens on now, nor any connection of a client is given meanwhile."""
    return free_ports(1)[0]


def free_ports(number: int) -> list[int]:
    """Return so many such ports, each another."""
    with ExitStack() as held:
        ports: list[int] = []
        while len(ports) < number:
            port = secrets.choice(_ports_of_this_worker())
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
        return ports


def _ports_of_this_worker() -> range:
    """Tests that run side by side draw from different ports: not all are taken as soon as they are drawn."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return BELOW_CLIENTS[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


def share_jars(settings: LocalSettings) -> None:
    """Let the engine use Kafka's program where `make run` has it, instead of fetching it again."""
    jars = _jars()
    own = assemble(settings).state.kafka_jars
    jars.mkdir(parents=True, exist_ok=True)
    own.parent.mkdir(parents=True, exist_ok=True)
    own.symlink_to(jars, target_is_directory=True)


def _jars() -> Path:
    return assemble(LocalSettings()).state.kafka_jars


def launch(variables: Mapping[str, str], *arguments: str) -> None:
    """Run a command of the launcher for the engine that the variables mean."""
    environment = {**os.environ, **variables}
    command = (sys.executable, "-m", "infra.local", *arguments)
    finished = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)} failed:\n{finished.stdout}\n{finished.stderr}")
