"""What is saved and restored, from the environment."""

from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.backup.databases import VARIABLES
from services.kit.database_settings import EXAMPLE


class BackupSettings(BaseSettings):
    """Where the two databases and the registry's files are."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    database_url: SecretStr
    """Database of ledger, batches and monitoring."""
    mlflow_database_url: SecretStr
    """Database of MLflow's records."""
    mlflow_artifacts: Path
    """Folder that MLflow's server keeps artefacts in."""

    @field_validator("database_url", "mlflow_database_url")
    @classmethod
    def _can_be_told(cls, url: SecretStr) -> SecretStr:
        try:
            told = conninfo_to_dict(url.get_secret_value())
        except ProgrammingError:
            # It would quote the password.
            raise ValueError(f"must be {EXAMPLE}: special characters in the password as %xx") from None
        strange = ", ".join(sorted(told.keys() - VARIABLES.keys()))
        if strange:
            raise ValueError(f"has {strange}, for which pg_dump has no variable: leave it out for a backup")
        return url

    def databases(self) -> dict[str, str]:
        """Return the connection strings by the name that a dump has."""
        return {
            "octroi": self.database_url.get_secret_value(),
            "mlflow": self.mlflow_database_url.get_secret_value(),
        }
