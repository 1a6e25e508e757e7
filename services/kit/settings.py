"""Settings that every process has. Each is an environment variable; a service adds its own class."""

from datetime import timedelta
from socket import gethostname
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _seconds(given: object) -> object:
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError:
        return given


Duration = Annotated[timedelta, BeforeValidator(_seconds)]
"""A length of time; an environment variable gives it in seconds, as 0.2, or in ISO 8601, as PT5M."""
_HOST = r" *(\*|(\*\.)?[\w.-]+) *"
HostNames = Annotated[str, Field(pattern=rf"^{_HOST}(,{_HOST})*$")]
"""Comma-separated names of hosts. One with a port, or a whole address, would never be met."""


def milliseconds(span: timedelta) -> int:
    """Return a length of time as Kafka's client takes it."""
    return int(span.total_seconds() * 1000)


class ServiceSettings(BaseSettings):
    """How a process presents itself."""

    model_config = SettingsConfigDict(env_prefix="OCTROI_", frozen=True, extra="ignore")

    instance: str = Field(default_factory=gethostname)
    """Name of this process among its likes, the same after a restart: its place in the consumer group. The
    machine's name without it, which tells containers apart; two processes on one machine need two names."""
    host: str = "127.0.0.1"
    """Address that the probes listen on; 0.0.0.0 in a container."""
    probe_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Port of liveness, readiness and metrics; 0 takes any free one."""
    log_format: Literal["json", "console"] = "console"
    """One JSON object per line, or readable lines."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least level that is logged."""
    grace: Duration = timedelta(seconds=10)
    """Time to finish what is in flight after SIGTERM."""
