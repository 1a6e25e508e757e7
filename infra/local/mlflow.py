"""MLflow's tracking server: experiments and the model registry."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

from infra.local.errors import LauncherError
from infra.local.part import Program
from infra.local.ports import HOST, Port, http_status

WITHOUT_TELEMETRY: Mapping[str, str] = MappingProxyType(
    {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
)


@dataclass(frozen=True, slots=True)
class Mlflow:
    """A server that keeps its records in a database and hands artefacts in and out of `folder`."""

    folder: Path
    port: int
    database_url: Callable[[], str]
    """Returns the SQLAlchemy URL of the records; asked when the server is about to start."""

    @property
    def title(self) -> str:
        """What it is called on the screen."""
        return "MLflow"

    @property
    def ports(self) -> tuple[Port, ...]:
        """The one port of pages and interface."""
        return (Port("MLflow", self.port, "OCTROI_MLFLOW_PORT"),)

    @property
    def url(self) -> str:
        """Tracking URI."""
        return f"http://{HOST}:{self.port}"

    @property
    def client_environment(self) -> dict[str, str]:
        """What a program must know to use the server."""
        return {"MLFLOW_TRACKING_URI": self.url, **WITHOUT_TELEMETRY}

    def prepare(self) -> None:
        """Make the folder of artefacts; the server makes its tables itself."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def program(self) -> Program:
        """Return the server with one worker and without its runner of background jobs.

        Octroi submits no jobs; their runner would be eight processes, 700 MB and half of the start's time.
        """
        # Requests that name another host are refused: no web page reaches the server by a name of its own.
        hosts = ",".join(f"{host}:{self.port}" for host in (HOST, "localhost"))
        return Program(
            name="mlflow",
            command=(
                *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(self.port)),
                *("--workers", "1", "--allowed-hosts", hosts, "--artifacts-destination", str(self.folder)),
            ),
            environment={
                # By environment, since everyone can read a command line and the URL holds the password.
                "MLFLOW_BACKEND_STORE_URI": self.database_url(),
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                **WITHOUT_TELEMETRY,
            },
        )

    def is_ready(self) -> bool:
        """Tell whether the server answers."""
        return http_status(self.port, "/health") == HTTPStatus.OK

    def has_alias(self, model: str, alias: str) -> bool:
        """Tell whether the registry knows a version of the model under this alias.

        Raises LauncherError if the server cannot say.
        """
        query = urlencode({"name": model, "alias": alias})
        status = http_status(self.port, f"/api/2.0/mlflow/registered-models/alias?{query}")
        if status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}:
            raise LauncherError(f"MLflow does not say whether {model} has a {alias} (status {status})")
        return status == HTTPStatus.OK
