"""What a model was made with: code, lock and libraries."""

import subprocess
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

_REPOSITORY: Final = Path(__file__).parents[2]
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


def _revision() -> str:
    command = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        told = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
