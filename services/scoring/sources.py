"""Where models come from: the registry, or a folder that somebody exported from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from services.kit.environment import SettingsError
from services.kit.registry import Registry, RegistryError
from services.scoring import sealed_folder
from services.scoring.settings import RegistrySettings


class Source(Protocol):
    """What the aliases name, and the files of versions."""

    @property
    def model_name(self) -> str:
        """Name of the model."""

    def aliases(self) -> dict[str, str]:
        """Return the version that each alias names. Raises RegistryError, UnavailableError."""

    def bundle_files(self, version: str) -> dict[str, bytes]:
        """Return a version's files by name. Raises RegistryError, UnavailableError."""


@dataclass(frozen=True, slots=True)
class BundleFolder:
    """One version, the champion, whose folder is named as it."""

    folder: Path
    model_name: str

    def aliases(self) -> dict[str, str]:
        """Return the folder's name as the champion."""
        return {"champion": self.folder.name}

    def bundle_files(self, version: str) -> dict[str, bytes]:
        """Return the files. Raises RegistryError where one cannot be read, or the seal is broken."""
        del version
        try:
            return sealed_folder.read(self.folder)
        except OSError as error:
            raise RegistryError(f"{error.filename}: {error.strerror}") from error


def registry_of(settings: RegistrySettings) -> Registry:
    """Return the registry that `settings` name."""
    client = httpx.Client(base_url=settings.tracking_url, timeout=settings.timeout.total_seconds())
    return Registry(client, settings.model_name)


def source_of(settings: RegistrySettings) -> Source:
    """Return what the settings name. Raises SettingsError where they name both."""
    if settings.bundle is None:
        return registry_of(settings)
    if "tracking_uri" in settings.model_fields_set:
        raise SettingsError("OCTROI_BUNDLE: is set, and MLFLOW_TRACKING_URI too: set one of them")
    return BundleFolder(settings.bundle.resolve(), settings.model_name)
