"""Settings of the scoring service."""

from datetime import timedelta
from pathlib import Path

from pydantic import AnyHttpUrl, Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration


class RegistrySettings(BaseSettings):
    """Where models come from."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, populate_by_name=True
    )

    tracking_uri: AnyHttpUrl = Field(
        default=AnyHttpUrl("http://127.0.0.1:5000"), validation_alias="MLFLOW_TRACKING_URI"
    )
    """Address of the MLflow server."""
    model_name: str = Field(default="octroi-scorecard", validation_alias="OCTROI_MODEL_NAME")
    """Name of the registered model."""
    cache: Path = Field(default=Path(".octroi/models"), validation_alias="OCTROI_MODEL_CACHE")
    """Folder for copies of the models in use, to start from when the registry is away."""
    poll_every: Duration = Field(default=timedelta(seconds=2), validation_alias="OCTROI_MODEL_POLL_EVERY")
    """How often the aliases are looked up: a look-up costs the registry about 20 ms."""
    timeout: Duration = Field(default=timedelta(seconds=5), validation_alias="OCTROI_MODEL_TIMEOUT")
    """Longest wait for an answer of the registry."""
    threads: PositiveInt = Field(default=1, validation_alias="OCTROI_MODEL_THREADS")
    """Threads for one prediction of a model that only XGBoost can run; more instances scale better."""
