"""What is saved and restored, from the environment."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class BackupSettings(BaseSettings):
    """Where the two databases and the registry's files are."""

    model_config = SettingsConfigDict(frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)

    database_url: SecretStr
    """Database of ledger, batches and monitoring."""
    mlflow_database_url: SecretStr
    """Database of MLflow's records."""
    mlflow_artifacts: Path
    """Folder that MLflow's server keeps artefacts in."""

    def databases(self) -> dict[str, str]:
        """Return the connection strings by the name that a dump has."""
        return {
            "octroi": self.database_url.get_secret_value(),
            "mlflow": self.mlflow_database_url.get_secret_value(),
        }
