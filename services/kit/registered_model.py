"""What all who use the model registry share: settings, and how a training says that there is no new model."""

from typing import Annotated, Final

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
"""Name of a registered model that is the name of a folder too."""
MODEL_NAME = "octroi-scorecard"
CANDIDATE_REFUSED: Final = 4
"""Exit code of a training whose candidate the gate refused: an end in order, unlike 1, as a crash ends."""


class RegisteredModel(BaseSettings):
    """Where the registry is, and the model in it that decides."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
    )

    tracking_uri: AnyHttpUrl = Field(
        default=AnyHttpUrl("http://127.0.0.1:5000"), validation_alias="MLFLOW_TRACKING_URI"
    )
    """Address of the MLflow server."""
    model_name: ModelName = Field(default=MODEL_NAME, validation_alias="OCTROI_MODEL_NAME")
    """Name of the registered model."""

    @property
    def tracking_url(self) -> str:
        """The server's address as a person writes it."""
        return str(self.tracking_uri).rstrip("/")
