"""Copies of the models in use, from which scoring starts while MLflow is away."""

import shutil
from dataclasses import dataclass
from pathlib import Path

DISTRUSTED = "distrusted"
"""File beside the folders of copies: their champion may not be the registry's any more."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What scoring keeps in `folder`, as the launcher sees it."""

    folder: Path

    def has(self, model: str) -> bool:
        """Tell whether scoring can start with this model without MLflow."""
        copies = self.folder / model
        return not self._distrusted.exists() and copies.is_dir() and any(copies.iterdir())

    def distrust(self) -> None:
        """Note that the registry's champions may be others than the copies'.

        They stay until the next start, as a running engine brings them up to date and may need them.
        """
        self._distrusted.touch()

    def drop(self) -> None:
        """Remove them all, before anything that reads them runs."""
        for copies in self.folder.iterdir():
            if copies.is_dir():
                shutil.rmtree(copies)
        self._distrusted.unlink(missing_ok=True)

    @property
    def _distrusted(self) -> Path:
        return self.folder / DISTRUSTED
