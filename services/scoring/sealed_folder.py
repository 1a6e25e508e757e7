"""A bundle's folder on disk, with the seal that the registry told beside the files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.kit.registry import RegistryError
from services.kit.seal import SEALED, fault_of, seal_of

SEAL_FILE: Final = f"{SEALED}.sha256"
"""As `sha256sum` writes and checks it."""


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle's files, and their seal where they have one, to a folder. Raises OSError."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    if SEALED in files:
        (folder / SEAL_FILE).write_text(f"{seal_of(files)}  {SEALED}\n")


def read(folder: Path) -> dict[str, bytes]:
    """Return the files of a bundle by name. Raises OSError, and RegistryError where the seal is broken."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    noted = files.pop(SEAL_FILE, b"").decode(errors="replace")
    fault = fault_of(files, noted.partition(" ")[0])
    if fault is not None:
        raise RegistryError(f"{folder}: {fault}")
    return files
