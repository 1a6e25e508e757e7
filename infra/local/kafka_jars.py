"""Apache Kafka's jars: fetched once by Maven, and what Java keeps beside them for faster starts."""

import hashlib
import tempfile
from pathlib import Path
from typing import Final

from infra.local.console import timed
from infra.local.java import copy_jars
from infra.local.settings import REPOSITORY

PROJECT: Final = REPOSITORY / "infra" / "kafka" / "pom.xml"


def jars_folder(jars: Path) -> Path:
    """Return the folder of the very jars that the project file asks for, by its own path.

    Java takes an archive of classes only where their jars have the path that it was made with.
    """
    key = hashlib.sha256(PROJECT.read_bytes()).hexdigest()[:12]
    return jars.resolve() / key


def has_jars(jars: Path) -> bool:
    """Tell whether the jars are here already."""
    return jars_folder(jars).is_dir()


def fetch_jars(jars: Path) -> None:
    """Fetch the jars, all or none; of several that fetch at once, the first one's stay.

    Raises LauncherError.
    """
    jars.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars) as unfinished:
        copied = Path(unfinished) / "jars"
        with timed("Apache Kafka: fetched"):
            copy_jars(PROJECT, copied)
        try:
            copied.rename(jars_folder(jars))
        except OSError:
            if not has_jars(jars):
                raise


def is_complete(archive: Path) -> bool:
    """Tell whether Java finished writing a class archive: its magic number comes last."""
    if not archive.exists():
        return False
    with archive.open("rb") as stream:
        return any(stream.read(4))
