"""Settings of the launcher, from environment variables."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.local.errors import wrong_input
from services.kit.environment import SettingsError, read
from services.kit.registered_model import MODEL_NAME, ModelName
from services.kit.settings import Duration

REPOSITORY = Path(__file__).resolve().parents[2]
"""Folder that holds `infra` and `services`: where every program is started."""

S = TypeVar("S", bound=BaseSettings)
PortNumber = Annotated[int, Field(ge=1, le=65_535)]


class LocalSettings(BaseSettings):
    """Where the engine keeps its state and which ports it listens on, all on 127.0.0.1."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_", frozen=True, extra="ignore")

    state: Path = Path(".octroi")
    """Folder of databases, topics, models, logs and keys; a relative one lies in the repository."""
    gateway_port: PortNumber = 8000
    """REST interface and its probes."""
    feature_port: PortNumber = 8001
    """Probes and metrics of the feature service."""
    scoring_port: PortNumber = 8002
    """Probes and metrics of the scoring service."""
    ledger_port: PortNumber = 8003
    """Probes and metrics of the ledger service."""
    monitoring_port: PortNumber = 8004
    """The operators' page, with the probes of the monitoring service."""
    ui_port: PortNumber = 8501
    """The pages for loan officers, analysts and model owners."""
    mlflow_port: PortNumber = 5000
    """MLflow's pages and interface."""
    kafka_port: PortNumber = 19092
    """Kafka, when the launcher starts it."""
    kafka_controller_port: PortNumber = 19093
    """Kafka's own controller, which no client needs."""
    postgres_port: PortNumber = 15432
    """PostgreSQL."""
    kafka_bootstrap_servers: str | None = Field(default=None, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    """Comma-separated host:port of a Kafka cluster to use instead of starting one."""
    topic_partitions: PositiveInt = 1
    """Partitions of each topic: the launcher starts one process of each service, and each partition costs
    transactions of its own. For more processes of a service make more, before the first start."""
    model_name: ModelName = MODEL_NAME
    """Name of the registered model that is trained, and that decides."""
    log_format: Literal["json", "console"] = "json"
    """How the services write their logs."""
    sample_rows: PositiveInt = 15_000
    """Applications in the sample that stands in for the competition's files."""
    ready_within: Duration = timedelta(minutes=3)
    """Longest wait for a part; MLflow's first start makes its tables, which takes a busy machine a minute."""

    @property
    def state_folder(self) -> Path:
        """The state folder as an absolute path."""
        return (REPOSITORY / self.state.expanduser()).resolve()


def read_settings() -> LocalSettings:
    """Return the launcher's settings of this environment. Raises LauncherError."""
    return read_settings_of(LocalSettings)


def read_settings_of(settings: type[S]) -> S:
    """Return settings of this environment.

    Raises LauncherError naming each variable that is wrong.
    """
    try:
        return read(settings)
    except SettingsError as error:
        raise wrong_input(str(error)) from error
