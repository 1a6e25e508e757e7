"""The whole chain, each service as a user that has the rights of its own work and no others."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.contracts.topics import APPLICATIONS
from services.gateway.batch_file import Columns
from services.kit.key_file import Role, make_key, write_keys
from services.kit.publisher import Publisher
from services.kit.records import Message
from services.kit.stream_settings import StreamSettings
from services.sample.files import write_sample
from services.scorecard.bundle import to_files
from tests.engine import free_port
from tests.integration.security.conftest import run
from tests.integration.training.test_promotion import Model
from tests.models import small_bundle
from tests.parts import until
from tests.processes import Process, running
from tests.secured import SecuredKafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
SERVICES = ("feature", "scoring", "ledger", "monitoring", "gateway")
APPLICANTS = 30


@dataclass(frozen=True)
class Chain:
    """The services, up and ready."""

    kafka: SecuredKafka
    environment: dict[str, str]
    processes: dict[str, Process]
    gateway: httpx.Client
    monitoring: httpx.Client

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return write_sample(tmp_path / "sample", 100, APPLICANTS, 7)[1]


@pytest.fixture
def chain(kafka: SecuredKafka, database_url: str, mlflow_uri: str, tmp_path: Path) -> Iterator[Chain]:
    model = Model(mlflow_uri, f"model-{uuid4()}")
    model.ask("POST", "registered-models/create", name=model.name)
    model.point("champion", model.add(to_files(small_bundle())))
    key, kept = make_key(*Role, now=datetime.now(UTC))
    write_keys(tmp_path / "keys", [kept])
    ports = {name: free_port() for name in SERVICES}
    shared = {
        "DATABASE_URL": database_url,
        "MLFLOW_TRACKING_URI": mlflow_uri,
        "OCTROI_MODEL_NAME": model.name,
        "OCTROI_MODEL_CACHE": str(tmp_path / "models"),
        "OCTROI_API_KEYS_FILE": str(tmp_path / "keys"),
        "OCTROI_GATEWAY_PORT": str(ports["gateway"]),
        "OCTROI_MONITORING_TICK_EVERY": "1",
    }
    headers = {"X-API-Key": key}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(
                running(
                    f"services.{name}",
                    tmp_path,
                    {
                        **kafka.environment(f"octroi-{name}"),
                        **shared,
                        "OCTROI_PROBE_PORT": str(port),
                        "OCTROI_GRACE": "60",
                    },
                )
            )
            for name, port in ports.items()
        }
        for name, process in processes.items():
            process.ready(ports[name])
        clients = [
            stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{ports[name]}", headers=headers, timeout=60)
            )
            for name in ("gateway", "monitoring")
        ]
        yield Chain(kafka, shared, processes, *clients)
        for process in reversed(processes.values()):
            assert process.stopped() == 0, process.said()


def applications(file: Path) -> list[dict[str, Any]]:
    with file.open(newline="") as lines:
        records = csv.reader(lines)
        columns = Columns(next(records))
        return [columns.cells(record, 0) for record in islice(records, APPLICANTS)]


def dead_letters(monitoring: httpx.Client) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = monitoring.get("/v1/dead-letters").json()["dead_letters"]
    return told


async def test_every_service_does_its_work_with_its_own_rights(chain: Chain, sample: Path) -> None:
    gateway, monitoring = chain.gateway, chain.monitoring
    people = applications(sample)

    def tried() -> httpx.Response:
        return gateway.post("/v1/applications:dry-run", json={"applications": people[:3]})

    # Who is ready to accept applications may not be ready for trials yet.
    until(lambda: tried().status_code != 503, "a trial to be answered")
    trial = tried()
    assert trial.status_code == 200, trial.text
    for cells in people:
        decided = gateway.post("/v1/applications", json={"application": cells}, headers={"Prefer": "wait=30"})
        assert decided.status_code == 200, decided.text
    recorded = "SELECT count(*) FROM ledger.decisions"
    until(lambda: chain.rows(recorded) == [(APPLICANTS,)], "the ledger to have all decisions")

    # A front office that streams, as a user of its own.
    replayed = run(
        chain.kafka, "octroi-replay", "services.replay", "--file", str(sample), **chain.environment
    )
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr

    # What cannot be read becomes a dead letter, and monitoring may send it again.
    front_office = chain.kafka.settings("octroi-replay")
    async with Publisher(
        front_office, StreamSettings(), within=StreamSettings().request_timeout
    ) as publisher:
        await publisher.publish(Message(APPLICATIONS.name, b"broken", b"no application"))
    until(lambda: len(dead_letters(monitoring)) == 1, "the dead letter")
    [letter] = dead_letters(monitoring)
    place = f"{letter['topic']}/{letter['partition']}/{letter['offset']}"
    again = monitoring.post(f"/v1/dead-letters/{place}/replay")
    assert again.is_success, again.text
    until(lambda: len(dead_letters(monitoring)) == 2, "the dead letter to come again")

    def nothing_waits() -> bool:
        lags = {stage["name"]: stage["lag"] for stage in monitoring.get("/v1/pipeline").json()["stages"]}
        return lags == dict.fromkeys(("feature", "scoring", "ledger", "monitoring"), 0)

    until(nothing_waits, "monitoring to see that nothing waits")
    said = "".join(process.said() for process in chain.processes.values())
    assert "AuthorizationFailed" not in said
    assert "not authorized" not in said
