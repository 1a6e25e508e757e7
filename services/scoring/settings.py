"""Settings of the scoring service."""

from datetime import timedelta
from pathlib import Path

from pydantic import DirectoryPath, Field, PositiveInt

from services.kit.registered_model import RegisteredModel
from services.kit.settings import Duration


class RegistrySettings(RegisteredModel):
    """Where models come from, and how they are followed."""

    bundle: DirectoryPath | None = Field(default=None, validation_alias="OCTROI_BUNDLE")
    """Folder of the one model that decides, instead of the registry; its name is told as the version."""
    cache: Path = Field(default=Path(".octroi/models"), validation_alias="OCTROI_MODEL_CACHE")
    """Folder of copies, one folder for each name, to start from when the registry is away."""
    poll_every: Duration = Field(default=timedelta(seconds=2), validation_alias="OCTROI_MODEL_POLL_EVERY")
    """How often the aliases are looked up: a look-up costs the registry about 20 ms."""
    timeout: Duration = Field(default=timedelta(seconds=5), validation_alias="OCTROI_MODEL_TIMEOUT")
    """Longest wait for an answer of the registry."""
    threads: PositiveInt = Field(default=1, validation_alias="OCTROI_MODEL_THREADS")
    """Threads for one prediction of a model that only XGBoost can run; more instances scale better."""
