"""The wiring: which parts make the engine, and how they find each other."""

import os
from dataclasses import dataclass

from infra.local.brokers import Broker, choose_broker
from infra.local.mlflow import Mlflow
from infra.local.part import Part
from infra.local.ports import Port, address
from infra.local.postgres import Postgres, binaries
from infra.local.services import Service, services
from infra.local.settings import LocalSettings
from infra.local.state import State
from infra.local.supervision import Supervisor


@dataclass(frozen=True, slots=True)
class Engine:
    """All parts of one engine on this machine."""

    settings: LocalSettings
    state: State
    supervisor: Supervisor
    postgres: Postgres
    mlflow: Mlflow

    def broker(self) -> Broker:
        """Return the Kafka that this machine can have.

        Raises LauncherError where there is none.
        """
        return choose_broker(self.settings, self.state)

    def services(self, bootstrap: str) -> tuple[Service, ...]:
        """Return the services, which find Kafka at `bootstrap`."""
        return services(self.settings, self.environment(bootstrap))

    @property
    def model_environment(self) -> dict[str, str]:
        """What a program must know to load models: the registry, the name, and where copies are kept."""
        return {
            **self.mlflow.client_environment,
            "OCTROI_MODEL_NAME": self.settings.model_name,
            "OCTROI_MODEL_CACHE": str(self.state.models),
        }

    def environment(self, bootstrap: str) -> dict[str, str]:
        """Return what each of the project's programs must know; PostgreSQL must be prepared."""
        return {
            **self.model_environment,
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "DATABASE_URL": self.postgres.url("octroi"),
            "OCTROI_TOPIC_PARTITIONS": str(self.settings.topic_partitions),
            "OCTROI_LOG_FORMAT": self.settings.log_format,
            "OCTROI_API_KEYS_FILE": str(self.state.api_keys),
            "OCTROI_GATEWAY_URL": address(self.settings.gateway_port),
            "OCTROI_MONITORING_URL": address(self.settings.monitoring_port),
            "OCTROI_UI_API_KEY_FILE": str(self.state.api_key),
        }

    def backup_environment(self, bootstrap: str) -> dict[str, str]:
        """Return what a backup must know beyond that; PostgreSQL's programs are those of the server."""
        return {
            **self.environment(bootstrap),
            "MLFLOW_DATABASE_URL": self.postgres.url("mlflow"),
            "MLFLOW_ARTIFACTS": str(self.mlflow.folder),
            "PATH": os.pathsep.join((str(binaries()), os.environ["PATH"])),
        }

    def ports(self) -> tuple[Port, ...]:
        """Return every port that will be listened on.

        Raises LauncherError where there is no Kafka.
        """
        parts: tuple[Part, ...] = (
            *services(self.settings, {}),
            self.mlflow,
            *self.broker().parts(),
            self.postgres,
        )
        return tuple(port for part in parts for port in part.ports)


def assemble(settings: LocalSettings) -> Engine:
    """Return the engine that the settings describe; nothing is made or started yet."""
    state = State(settings.state_folder)
    postgres = Postgres(state.postgres, settings.postgres_port)
    mlflow = Mlflow(
        state.mlflow,
        settings.mlflow_port,
        lambda: postgres.url("mlflow"),
    )
    return Engine(settings, state, Supervisor(state), postgres, mlflow)
