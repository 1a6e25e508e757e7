"""The small service as a process that a test starts, kills and stops."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.kit.scene import KafkaScene
from tests.integration.kit.waiting import DEADLINE_SECONDS

REPOSITORY = Path(__file__).parents[3]
SETTINGS = {
    "OCTROI_LOG_FORMAT": "json",
    "OCTROI_STREAM_BATCH_RECORDS": "20",
    "OCTROI_STREAM_POLL_WAIT": "0.05",
    "OCTROI_STREAM_SESSION_TIMEOUT": "6",
}


@dataclass
class Service:
    """One place for a process; `start` may be called again when the one before has ended."""

    environment: dict[str, str]
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    (sys.executable, "-m", "tests.integration.kit.copying"),
                    env={**os.environ, **self.environment},
                    cwd=REPOSITORY,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    def kill(self) -> None:
        self.processes[-1].kill()
        self.processes[-1].wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    async def terminate(self) -> int:
        """Ask the process to stop and return its exit code."""
        self.processes[-1].send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.processes[-1].wait, DEADLINE_SECONDS)


@contextmanager
def service(scene: KafkaScene, folder: Path, **environment: str) -> Iterator[Service]:
    """Run the small service on the scene's topics for the length of the block."""
    running = Service(
        {
            **SETTINGS,
            "KAFKA_BOOTSTRAP_SERVERS": scene.kafka.bootstrap_servers,
            "NAME": scene.names.group.removeprefix("octroi-"),
            "SOURCE": scene.names.source,
            "TARGET": scene.names.target,
            "DEAD": scene.names.dead,
            **environment,
        },
        folder / "log",
    )
    running.start()
    try:
        yield running
    finally:
        for process in running.processes:
            process.kill()
            process.wait()
        sys.stdout.write(running.log.read_text())
