"""Layout of the state folder: everything that outlives a run, in one place that git ignores."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.local.copies import Copies
from infra.local.errors import wrong_input

LONGEST_SOCKET_PATH = 90
"""A Unix socket's path holds 103 bytes on macOS and 107 on Linux; supervisord adds its process id to it."""
MARKER = "made-by-octroi"
"""File that tells the root from a folder of somebody else's with a `models` of his own."""
OWN_PROGRAMS = "files = programs/*.conf"
"""Line of the supervisor's configuration, by which folders are known that have no such file yet."""


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
        """Copies of the models in use, by name."""
        return self.root / "models"

    @property
    def copies(self) -> Copies:
        """The same, as those who start and move models see them."""
        return Copies(self.models)

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
    def files(self) -> tuple[Path, ...]:
        """Every file that lies in the root itself, but the marker."""
        return (self.api_keys, self.api_key)

    @property
    def marker(self) -> Path:
        """File that marks the root as the launcher's; who starts parts locks it."""
        return self.root / MARKER

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

        Raises LauncherError if what is there is somebody else's, or the socket's folder another user's.
        """
        self.refuse_foreign()
        self.root.mkdir(parents=True, exist_ok=True)
        self.marker.touch()
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        if self.socket.parent.stat().st_uid != os.geteuid():
            raise wrong_input(
                f"{self.socket.parent} belongs to another user; set OCTROI_STATE to a shorter path"
            )

    def refuse_foreign(self) -> None:
        """Raise LauncherError where the launcher did not make what would be taken for its own.

        Kafka's program is no matter: tests fetch it too, and it can be fetched again.
        """
        places = (*self.folders, *self.files)
        found = [place.name for place in places if place != self.kafka_jars and holds_something(place)]
        if found and not self._is_own():
            raise wrong_input(
                f"{self.root} has {', '.join(found)}, which the engine did not make; "
                "set OCTROI_STATE to a folder that is the engine's alone"
            )

    def remove(self) -> None:
        """Remove what the launcher made, and the root if nothing else is in it.

        Raises LauncherError if what is there is somebody else's.
        """
        self.refuse_foreign()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        for file in self.files:
            file.unlink(missing_ok=True)
        if not any(map(holds_something, self.folders)):
            self.marker.unlink(missing_ok=True)
        if self.socket.parent != self.run:
            shutil.rmtree(self.socket.parent, ignore_errors=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()

    def _is_own(self) -> bool:
        if self.marker.exists():
            return True
        configuration = self.run / "supervisord.conf"
        return configuration.is_file() and OWN_PROGRAMS.encode() in configuration.read_bytes()


def holds_something(place: Path) -> bool:
    """Tell whether this is a file, or a folder that is not empty."""
    return any(place.iterdir()) if place.is_dir() else place.exists()


def write_secret(file: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
