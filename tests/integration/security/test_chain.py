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
def model_name(mlflow_uri: str) -> str:
    """Name of a model that has a champion."""
    model = Model(mlflow_uri, f"model-{uuid4()}")
    model.ask("POST", "registered-models/create", name=model.name)
    model.point("champion", model.add(to_files(small_bundle())))
    return model.name


@pytest.fixture
def headers(tmp_path: Path) -> dict[str, str]:
    """Those of a caller whose key may do everything."""
    key, kept = make_key(*Role, now=datetime.now(UTC))
    write_keys(tmp_path / "keys", [kept])
    return {"X-API-Key": key}


@pytest.fixture
def shared(database_url: str, mlflow_uri: str, model_name: str, tmp_path: Path) -> dict[str, str]:
    """Settings that all services have."""
    return {
        "DATABASE_URL": database_url,
        "MLFLOW_TRACKING_URI": mlflow_uri,
        "OCTROI_MODEL_NAME": model_name,
        "OCTROI_MODEL_CACHE": str(tmp_path / "models"),
        "OCTROI_API_KEYS_FILE": str(tmp_path / "keys"),
        "OCTROI_MONITORING_TICK_EVERY": "1",
        "OCTROI_GRACE": "60",
    }


@pytest.fixture
def chain(
    kafka: SecuredKafka, shared: dict[str, str], headers: dict[str, str], tmp_path: Path
) -> Iterator[Chain]:
    ports = {name: free_port() for name in SERVICES}
    shared = shared | {"OCTROI_GATEWAY_PORT": str(ports["gateway"])}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(
                running(
                    f"services.{name}",
                    tmp_path,
                    {**kafka.environment(f"octroi-{name}"), **shared, "OCTROI_PROBE_PORT": str(port)},
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


def decide_by_rest(chain: Chain, people: list[dict[str, Any]]) -> None:
    def tried() -> httpx.Response:
        return chain.gateway.post("/v1/applications:dry-run", json={"applications": people[:3]})

    # Who is ready to accept applications may not be ready for trials yet.
    until(lambda: tried().status_code != 503, "a trial to be answered")
    trial = tried()
    assert trial.status_code == 200, trial.text
    for cells in people:
        body, wait = {"application": cells}, {"Prefer": "wait=30"}
        decided = chain.gateway.post("/v1/applications", json=body, headers=wait)
        assert decided.status_code == 200, decided.text
    recorded = "SELECT count(*) FROM ledger.decisions"
    until(lambda: chain.rows(recorded) == [(APPLICANTS,)], "the ledger to have all decisions")


def decide_by_topic(chain: Chain, sample: Path) -> None:
    """Decide for a front office that streams, as a user of its own."""
    replayed = run(
        chain.kafka, "octroi-replay", "services.replay", "--file", str(sample), **chain.environment
    )
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


async def send_a_dead_letter_again(chain: Chain) -> None:
    """What cannot be read becomes a dead letter, and monitoring may send it again."""
    monitoring = chain.monitoring
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


async def test_every_service_does_its_work_with_its_own_rights(chain: Chain, sample: Path) -> None:
    decide_by_rest(chain, applications(sample))
    decide_by_topic(chain, sample)
    await send_a_dead_letter_again(chain)

    def nothing_waits() -> bool:
        stages = chain.monitoring.get("/v1/pipeline").json()["stages"]
        lags = {stage["name"]: stage["lag"] for stage in stages}
        return lags == dict.fromkeys(("feature", "scoring", "ledger", "monitoring"), 0)

    until(nothing_waits, "monitoring to see that nothing waits")
    said = "".join(process.said() for process in chain.processes.values())
    assert "AuthorizationFailed" not in said
    assert "not authorized" not in said
