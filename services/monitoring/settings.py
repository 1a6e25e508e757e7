"""Settings of the monitoring service. Each is an environment variable."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.settings import Duration, HostNames
from services.kit.stream_settings import StreamSettings


class MonitoringSettings(BaseSettings):
    """What is watched, and how often."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_MONITORING_", frozen=True, extra="ignore")

    channels: tuple[str, ...] = ("branch", "web", "partner")
    """Channels with windows of their own, as a JSON list; all others are one, other."""
    contract_types: tuple[str, ...] = ("Cash loans", "Revolving loans")
    """Contract types (NAME_CONTRACT_TYPE) with windows of their own, as a JSON list; all others are one."""
    last: PositiveInt = 5000
    """Applications in the window by count."""
    tick_every: Duration = timedelta(seconds=5)
    """How often windows are compared with the reference profile."""
    report_every: Duration = timedelta(minutes=5)
    """How often an Evidently report is made."""
    poll_every: Duration = timedelta(seconds=2)
    """How often the registry's aliases are looked up."""
    keep_ticks: Duration = timedelta(days=3)
    """How long the summary of each tick is kept; then one for each hour."""
    keep_hours: Duration = timedelta(days=180)
    """How long those of hours are kept, and finished reports and cleared alerts with them. A report whose
    page MLflow has, and an alert that Kafka has not been told of or that is silenced, are kept longer."""
    drift_from: float = Field(default=0.1, gt=0)
    """Distance from which a feature counts as drifted."""
    retrain: tuple[str, ...] = ()
    """Command that trains when an alert asks for it, as a JSON list: [".venv/bin/python", "-m",
    "services.training", "--data", "data"], started where monitoring was. Without it none is asked for. The
    image of monitoring holds no training: there a webhook's receiver starts it."""
    retrain_every: Duration = timedelta(days=1)
    """At most so often."""
    rules: Path | None = None
    """File of alert rules; the ones of this release without it."""
    niceness: Annotated[int, Field(ge=0, le=19)] = 0
    """How much less urgent than others the process makes itself, on Linux, once it has started. Where it has
    a host in common with the stages its counts may be behind for a while, and decisions are not."""
    api_keys_file: Annotated[Path, Field(validation_alias="OCTROI_API_KEYS_FILE")]
    """Hashed API keys; who may operate is told by them."""
    allowed_hosts: HostNames = "localhost,127.0.0.1"
    """Comma-separated names, without ports, by which browsers and the pages for people reach this service;
    `*.` in front stands for any. Under another one nothing is shown but probes and metrics: a stranger's name
    may lead to this address too."""

    @property
    def window(self) -> str:
        """Name of the window by count."""
        return f"last-{self.last}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The allowed hosts, one by one."""
        return tuple(name.strip() for name in self.allowed_hosts.split(","))


class MonitoringStreamSettings(StreamSettings):
    """The stream's settings, with monitoring's own defaults."""

    fetch_wait: Duration = timedelta(milliseconds=100)
    gather: Duration = timedelta(milliseconds=500)
    """Counts may be half a second behind: few large writes cost less than many small ones."""
    gather_from: PositiveInt = 1
    batch_records: PositiveInt = 2000
    """What a turn takes in memory stays with the process; counting gains little from larger ones."""
