"""Copies of bundles on disk, so that scoring starts while the registry is away."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from services.kit.registry import VERSION, check_version
from services.scoring import sealed_folder

ALIASES = "aliases.json"


class Copies(Protocol):
    """Remembers versions, and which of them each alias named last."""

    def remembered(self, alias: str) -> str | None:
        """Return the version that `alias` named last, if its files are here. Raises OSError."""

    def files(self, version: str) -> dict[str, bytes]:
        """Return a remembered version's files by name. Raises OSError, RegistryError where they changed."""

    def keep(self, version: str, files: Mapping[str, bytes]) -> None:
        """Keep a version's files. Raises OSError, and RegistryError for a version that is no number."""

    def remember(self, alias: str, version: str | None) -> None:
        """Note which version `alias` names. Raises OSError."""


class NoCopies:
    """Remembers nothing: what comes from a folder of this machine is there or is wrong."""

    def remembered(self, alias: str) -> None:
        """Return None."""

    def files(self, version: str) -> dict[str, bytes]:
        """Return nothing; nobody asks, as nothing is remembered."""
        del version
        return {}

    def keep(self, version: str, files: Mapping[str, bytes]) -> None:
        """Do nothing."""

    def remember(self, alias: str, version: str | None) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class BundleCache:
    """A folder per version, and a file that says which version each alias named last."""

    folder: Path

    def remembered(self, alias: str) -> str | None:
        """Return the version that `alias` named last, if its files are here."""
        version = str(self._aliases().get(alias))
        return version if VERSION.fullmatch(version) and (self.folder / version).is_dir() else None

    def files(self, version: str) -> dict[str, bytes]:
        """Return a remembered version's files by name."""
        return sealed_folder.read(self.folder / version)

    def keep(self, version: str, files: Mapping[str, bytes]) -> None:
        """Keep a version's files: all or none are seen, whatever happens meanwhile."""
        check_version(version)
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder, prefix=".") as unfinished:
            draft = Path(unfinished) / version
            draft.mkdir()
            sealed_folder.write(draft, files)
            target = self.folder / version
            if target.exists():
                shutil.rmtree(target)
            draft.rename(target)

    def remember(self, alias: str, version: str | None) -> None:
        """Note which version `alias` names, and drop versions that none names."""
        aliases = {**self._aliases(), alias: version}
        named = {name: value for name, value in aliases.items() if value is not None}
        draft = self.folder / f".{ALIASES}.{os.getpid()}"
        self.folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(named))
        draft.replace(self.folder / ALIASES)
        for folder in self.folder.iterdir():
            if folder.is_dir() and not folder.name.startswith(".") and folder.name not in named.values():
                shutil.rmtree(folder, ignore_errors=True)

    def _aliases(self) -> dict[str, str]:
        path = self.folder / ALIASES
        try:
            noted = json.loads(path.read_text()) if path.exists() else {}
        except (RecursionError, ValueError):
            # A power cut may leave it empty, and the registry knows the aliases anyway.
            return {}
        return noted if isinstance(noted, dict) else {}
