"""The engine in one process, with a real PostgreSQL and without Kafka and MLflow."""

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra.local.settings import REPOSITORY
from services.gateway.batch_file import Columns
from services.sample.files import write_sample
from services.scorecard.bundle import BOOSTER_FILE
from tests.integration.ledger.migrating import new_database
from tests.parts import until
from tests.processes import Process, running
from tests.single import single_environment

pytestmark = pytest.mark.postgres
APPLICANTS = 60
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Instance:
    """A running process, and a client with a key."""

    process: Process
    client: httpx.Client
    database: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def peak_memory(self) -> int:
        """Return the most bytes that it had in memory so far."""
        told = Path(f"/proc/{self.process.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", told)
        assert found
        return int(found[1]) * 1024


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), 100, APPLICANTS, 7)[1]


@pytest.fixture
def environment(postgres_url: str, template: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database, a bundle folder and a key."""
    with new_database(postgres_url, template) as database:
        yield single_environment(tmp_path, database)


@pytest.fixture
def instance(environment: dict[str, str], tmp_path: Path) -> Iterator[Instance]:
    port = int(environment["OCTROI_GATEWAY_PORT"])
    with running("services.single", tmp_path, environment) as process:
        process.ready(port)
        headers = {"X-API-Key": environment["KEY"]}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            yield Instance(process, client, environment["DATABASE_URL"])


def applications(file: Path) -> list[dict[str, Any]]:
    with file.open(newline="") as lines:
        records = csv.reader(lines)
        columns = Columns(next(records))
        return [columns.cells(record, 0) for record in islice(records, APPLICANTS)]


def scores(environment: dict[str, str], file: Path, out: Path) -> list[dict[str, str]]:
    """Return what the program that scores files says of the same file."""
    program = (sys.executable, "-m", "services.scoring.file", "--in", str(file), "--out", str(out))
    subprocess.run(program, env={**environment}, cwd=REPOSITORY, check=True, capture_output=True)
    with out.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_it_decides_as_files_are_scored_records_it_and_stays_small(
    instance: Instance, environment: dict[str, str], sample: Path, tmp_path: Path
) -> None:
    expected = scores(environment, sample, tmp_path / "scores.csv")
    for cells, row in zip(applications(sample), expected, strict=True):
        answer = instance.client.post(
            "/v1/applications", json={"application": cells}, headers={"Prefer": "wait=30"}
        )
        assert answer.status_code == 200, answer.text
        decision = answer.json()["decision"]
        assert decision["probability_of_default"] == pytest.approx(float(row["probability_of_default"]))
        assert (decision["score"], decision["outcome"]) == (int(row["score"]), row["outcome"])
        assert decision["model"] == {"name": "octroi-scorecard", "version": "7", "role": "champion"}
    trial = instance.client.post(
        "/v1/applications:dry-run", json={"applications": applications(sample)[:2]}
    ).json()["decisions"]
    assert [each["score"] for each in trial] == [int(row["score"]) for row in expected[:2]]
    until(
        lambda: instance.rows("SELECT count(*) FROM ledger.decisions") == [(APPLICANTS,)],
        "the ledger to have all decisions",
    )
    assert instance.peak_memory() < 512 * MEBIBYTE


def test_a_file_is_decided_once_and_figures_tell_the_services_apart(instance: Instance, sample: Path) -> None:
    sent = instance.client.post(
        "/v1/batches",
        params={"name": "march"},
        content=sample.read_bytes(),
        headers={"Content-Type": "text/csv"},
    )
    assert sent.status_code == 202, sent.text
    address = sent.headers["Location"]
    until(lambda: instance.client.get(address).json()["state"] == "done", "the batch to be done")
    assert instance.rows("SELECT count(*) FROM ledger.applications") == [(APPLICANTS,)]
    assert instance.rows("SELECT count(*) FROM ledger.decisions") == [(APPLICANTS,)]
    figures = {
        (sample.labels["service"], sample.labels["topic"]): sample.value
        for family in text_string_to_metric_families(instance.client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "octroi_records_consumed_total"
    }
    assert figures == {
        ("feature", "loan.applications.v1"): APPLICANTS,
        ("scoring", "loan.features.v1"): APPLICANTS,
        ("ledger", "loan.applications.v1"): APPLICANTS,
        ("ledger", "loan.decisions.v1"): APPLICANTS,
    }


def test_what_was_accepted_is_decided_before_it_stops(instance: Instance, sample: Path) -> None:
    body = [{"application": cells} for cells in applications(sample)]
    accepted = instance.client.post("/v1/applications:batch", json=body)
    assert accepted.is_success, accepted.text
    assert instance.process.stopped() == 0, instance.process.said()
    assert instance.rows("SELECT count(*) FROM ledger.decisions") == [(APPLICANTS,)]
    assert "nothing survives a restart but what is in PostgreSQL" in instance.process.said()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"OCTROI_BUNDLE": "/nowhere"}, "OCTROI_BUNDLE: Path does not point to a directory"),
        ({"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}, "OCTROI_BUNDLE: is set, and MLFLOW_TRACKING_URI too"),
        ({"OCTROI_MODE": ""}, "OCTROI_MODE: Input should be 'single'"),
        ({"DATABASE_URL": ""}, "DATABASE_URL: "),
    ],
)
def test_what_cannot_be_used_is_told_by_its_name(
    environment: dict[str, str], tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    with running("services.single", tmp_path, {**environment, **wrong}) as process:
        assert process.ended() == 2
        assert told in process.said()


def test_a_damaged_bundle_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    booster = Path(environment["OCTROI_BUNDLE"]) / BOOSTER_FILE
    booster.write_bytes(booster.read_bytes().replace(b"0", b"1", 1))
    with running("services.single", tmp_path, environment) as process:
        assert process.ended() == 2
        assert f"OCTROI_BUNDLE: {booster.parent}: {BOOSTER_FILE}: its sha256 is not" in process.said()
