"""Layout of the state folder: everything that outlives a run, in one place that git ignores."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import wrong_input

LONGEST_SOCKET_PATH = 90
"""A Unix socket's path holds 103 bytes on macOS and 107 on Linux; supervisord adds its process id to it."""


@dataclass(frozen=True, slots=True)
class State:
    """Names of all files below one root, which is an absolute path."""

    root: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data and the password of its role."""
        return self.root / "postgres"

    @property
    def kafka(self) -> Path:
        """Kafka's properties and topics."""
        return self.root / "kafka"

    @property
    def kafka_jars(self) -> Path:
        """Kafka's program, a folder per version."""
        return self.root / "kafka-jars"

    @property
    def mlflow(self) -> Path:
        """Artefacts of experiments and registered models."""
        return self.root / "mlflow"

    @property
    def logs(self) -> Path:
        """A log file for each program and each step."""
        return self.root / "logs"

    @property
    def models(self) -> Path:
        """Copies of the models in use by name, from which scoring starts while MLflow is away."""
        return self.root / "models"

    @property
    def sample(self) -> Path:
        """The sample that stands in for the competition's files."""
        return self.root / "sample"

    @property
    def run(self) -> Path:
        """What supervisord needs while it runs."""
        return self.root / "run"

    @property
    def api_keys(self) -> Path:
        """Hashes of the gateway's API keys."""
        return self.root / "api-keys.json"

    @property
    def api_key(self) -> Path:
        """The first API key in clear, readable by its owner alone."""
        return self.root / "api-key"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder below the root."""
        return (
            self.postgres,
            self.kafka,
            self.kafka_jars,
            self.mlflow,
            self.logs,
            self.models,
            self.sample,
            self.run,
        )

    @property
    def socket(self) -> Path:
        """The supervisor's socket: in the state folder, or in a short path where that one is too long."""
        inside = self.run / "supervisor.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        key = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"octroi-{key}" / "supervisor.sock"

    def create(self) -> None:
        """Make the folders.

        Raises LauncherError if the socket's folder belongs to another user.
        """
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        if self.socket.parent.stat().st_uid != os.geteuid():
            raise wrong_input(
                f"{self.socket.parent} belongs to another user; set OCTROI_STATE to a shorter path"
            )

    def has_model_copy(self, model: str) -> bool:
        """Tell whether scoring can start with this model without MLflow."""
        copies = self.models / model
        return copies.is_dir() and any(copies.iterdir())

    def remove(self) -> None:
        """Remove what the launcher made, and the root if nothing else is in it."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.api_keys, self.api_key):
            file.unlink(missing_ok=True)
        if self.socket.parent != self.run:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()


def write_secret(file: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
