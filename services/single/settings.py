"""Settings of the single process, beside those of the services in it."""

from typing import Literal

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class SingleSettings(BaseSettings):
    """That one process is what is wanted, and how much may wait in it."""

    model_config = SettingsConfigDict(
        env_prefix="OCTROI_SINGLE_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    mode: Literal["single"] = Field(validation_alias="OCTROI_MODE")
    """Said on purpose, for nothing that is in memory survives the process."""
    most_held: PositiveInt = 48 * MEBIBYTE
    """Bytes of events in memory; while more wait, applications are answered with 503."""
