"""The compose file as a project of its own: own name, own ports, own secrets, own volumes."""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.settings import REPOSITORY
from tests.engine import free_port

PORTS = ("GATEWAY", "MONITORING", "UI", "MLFLOW", "KAFKA", "GRAFANA")
SECRETS = ("POSTGRES_ADMIN", "POSTGRES", "MLFLOW", "GRAFANA")
STAYING = (
    "kafka-controller",
    "kafka",
    "postgres",
    "mlflow",
    "gateway",
    "feature",
    "scoring",
    "ledger",
    "monitoring",
    "ui",
)
JOBS = ("migrations", "topics", "api-key", "sample", "training")
Container = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """A project that is up, seen from outside."""

    environment: Mapping[str, str]

    def docker(self, *arguments: str) -> str:
        """Run a docker command to its end and return what it says; fail with all of it."""
        finished = subprocess.run(
            ("docker", *arguments),
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        told = f"docker {' '.join(arguments)}:\n{finished.stdout}\n{finished.stderr}"
        assert finished.returncode == 0, told
        return finished.stdout

    def compose(self, *arguments: str) -> str:
        return self.docker("compose", *arguments)

    def up(self, *arguments: str) -> None:
        """Start what does not run, and return when all of it is healthy or done."""
        self.compose("up", "--wait", *arguments)

    def start_replay(self, count: int, rate: int) -> subprocess.Popen[str]:
        """Start a front office in a container of its own; it ends with 0 if all was decided exactly once."""
        file = "/var/lib/octroi/sample/application_test.csv"
        return subprocess.Popen(
            (
                *("docker", "compose", "run", "--rm", "--no-deps", "--no-TTY", "replay", "services.replay"),
                *("--file", file, "--count", str(count), "--rate", str(rate), "--patience", "120"),
            ),
            env=self.environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def containers(self, *services: str) -> list[Container]:
        """Return what Docker knows of the containers of these services, or of all, also those that ended."""
        found = self.compose("ps", "--all", "--quiet", *services).split()
        containers: list[Container] = json.loads(self.docker("inspect", *found))
        return containers

    def image_bytes(self, image: str) -> int:
        return int(self.docker("image", "inspect", "--format", "{{.Size}}", image))

    def query(self, sql: str) -> str:
        """Ask the ledger; columns are parted by bars."""
        psql = ("psql", "--username=postgres", "--dbname=octroi", "--no-align", "--tuples-only", "--quiet")
        return self.compose("exec", "--no-TTY", "postgres", *psql, f"--command={sql}").strip()

    def decided(self, prefix: str = "") -> int:
        """Return how many applications whose id begins so have a decision in the ledger."""
        counted = "SELECT count(*) FROM application_states WHERE state = 'decided'"
        return int(self.query(f"{counted} AND starts_with(application_id, '{prefix}')"))

    def champion(self) -> str:
        """Return the champion's version, as the registry's records name it."""
        psql = ("psql", "--username=postgres", "--dbname=mlflow", "--no-align", "--tuples-only", "--quiet")
        sql = "SELECT version FROM registered_model_aliases WHERE alias = 'champion'"
        return self.compose("exec", "--no-TTY", "postgres", *psql, f"--command={sql}").strip()

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.environment['OCTROI_GATEWAY_PORT']}"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.environment['OCTROI_KAFKA_PORT']}"

    @property
    def api_key(self) -> str:
        return self.compose("exec", "--no-TTY", "ui", "cat", "/var/lib/octroi/api-key/api-key").strip()


def new_project() -> Project:
    """Return a project that nothing runs of yet; it trains on its own sample, whatever the tests read."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OCTROI_")}
    ports = {f"OCTROI_{name}_PORT": str(free_port()) for name in PORTS}
    passwords = {f"OCTROI_{name}_PASSWORD": secrets.token_hex(16) for name in SECRETS}
    name = f"octroi-test-{secrets.token_hex(4)}"
    return Project({**environment, **ports, **passwords, "COMPOSE_PROJECT_NAME": name, "OCTROI_DATA": ""})
