"""What a model was made with: code, lock and libraries."""

import subprocess
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

_REPOSITORY: Final = Path(__file__).parents[2]
_COMPUTING: Final = ("scorecard", "training")
"""Packages of services whose code the result of an arm depends on."""
_LIBRARIES: Final = ("imbalanced-learn", "mlflow", "numpy", "scikit-learn", "xgboost-cpu")


def versions() -> Mapping[str, str]:
    """Return the git revision, the lock's SHA-256, and the libraries' versions.

    Where the code is installed without its repository, both are told as unknown.
    """
    lock = _REPOSITORY / "requirements.lock"
    return {
        "octroi": version("octroi"),
        "git revision": _revision(),
        "requirements.lock": sha256(lock.read_bytes()).hexdigest() if lock.is_file() else "unknown",
        "Python": python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def code_digest() -> str:
    """Return a SHA-256 of the code that an arm's result depends on, committed or not."""
    digest, services = sha256(), _REPOSITORY / "services"
    for file in sorted(file for name in _COMPUTING for file in (services / name).rglob("*.py")):
        digest.update(f"{file.relative_to(services)} {sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _revision() -> str:
    command = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        told = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
