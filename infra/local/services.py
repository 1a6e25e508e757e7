"""Octroi's services, in the order of their start; they stop in the reverse order."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from infra.local.configuration import STOPPED_ON_PURPOSE
from infra.local.part import Program
from infra.local.ports import Port, http_status
from infra.local.settings import LocalSettings

NICENESS = "OCTROI_MONITORING_NICENESS"
LESS_URGENT = "10"
"""The services have the machine in common: what watches the engine must not slow it down."""
READ_BY_UI = frozenset(
    {
        "MLFLOW_TRACKING_URI",
        "OCTROI_GATEWAY_URL",
        "OCTROI_MODEL_NAME",
        "OCTROI_MONITORING_URL",
        "OCTROI_UI_API_KEY_FILE",
    }
)


@dataclass(frozen=True, slots=True)
class Service:
    """One process of a service, which answers probes on a port."""

    name: str
    module: str
    port: int
    environment: Mapping[str, str]
    port_variable: str = "OCTROI_PROBE_PORT"
    """What tells the process its port."""
    ready_path: str = "/health/ready"
    """Where it says whether it is ready."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return self.name

    @property
    def ports(self) -> tuple[Port, ...]:
        """The port of its probes; the gateway's is that of the REST interface too."""
        return (Port(self.name, self.port, f"OCTROI_{self.name.upper()}_PORT"),)

    def prepare(self) -> None:
        """Nothing: a service makes what it needs."""

    def program(self) -> Program:
        """Return the service in the foreground."""
        own = {"OCTROI_INSTANCE": f"{self.name}-1", self.port_variable: str(self.port)}
        return Program(
            self.name,
            (sys.executable, "-m", self.module),
            {**self.environment, **own},
            ends_with=(STOPPED_ON_PURPOSE,),
        )

    def is_ready(self) -> bool:
        """Tell whether the service says that it is ready."""
        return http_status(self.port, self.ready_path) == HTTPStatus.OK


def services(settings: LocalSettings, environment: Mapping[str, str]) -> tuple[Service, ...]:
    """Return one process of each service; `environment` says where Kafka, PostgreSQL and MLflow are."""
    ports = {
        "feature": settings.feature_port,
        "scoring": settings.scoring_port,
        "ledger": settings.ledger_port,
        "monitoring": settings.monitoring_port,
        # Last, so that no application comes in before the others can decide it, nor while they stop.
        "gateway": settings.gateway_port,
    }
    told = {**environment, NICENESS: os.environ.get(NICENESS, LESS_URGENT)}
    stages = (Service(name, f"services.{name}", port, told) for name, port in ports.items())
    return (*stages, ui(settings, environment))


def ui(settings: LocalSettings, environment: Mapping[str, str]) -> Service:
    """Return the pages for people, which know neither Kafka nor PostgreSQL."""
    told = {name: value for name, value in environment.items() if name in READ_BY_UI}
    return Service("ui", "services.ui", settings.ui_port, told, "OCTROI_UI_PORT", "/_stcore/health")
