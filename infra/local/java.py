"""The Java and Maven of this machine, where there are any."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import LauncherError


@dataclass(frozen=True, slots=True)
class Java:
    """A Java to run programs with."""

    binary: str
    version: str
    """What it calls itself, such as 17.0.15+6-Debian."""

    @property
    def major(self) -> int:
        """The number that says what it can run."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find_java() -> Java | None:
    """Return the Java on the path, or None."""
    binary = shutil.which("java")
    if binary is None:
        return None
    command = (binary, "-XshowSettings:properties", "-version")
    told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    version = re.search(r"java\.vm\.version = (\d\S*)", told)
    return Java(binary, version[1]) if version else None


def has_maven() -> bool:
    """Tell whether Maven is on the path."""
    return shutil.which("mvn") is not None


def copy_jars(project: Path, folder: Path) -> None:
    """Let Maven copy the jars that a project file names, and all that they need, into a folder.

    Raises LauncherError with Maven's last words.
    """
    command = ("mvn", "--batch-mode", "--quiet", f"--file={project}", "dependency:copy-dependencies")
    finished = subprocess.run(
        (*command, f"-DoutputDirectory={folder}"), capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        last_words = finished.stdout.strip()[-1500:]
        raise LauncherError(
            f"Maven could not fetch Apache Kafka (exit code {finished.returncode}):\n{last_words}"
        )
