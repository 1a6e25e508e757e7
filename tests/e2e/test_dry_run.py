"""A dry run tells what a recorded application is then decided, and leaves nothing behind."""

import csv
from itertools import islice
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.gateway.batch_file import Columns
from tests.e2e.following import Outsider, query
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
APPLICATIONS = 40
RECORDS = "SELECT (SELECT count(*) FROM ledger.applications), (SELECT count(*) FROM ledger.decisions)"
SAME = ("outcome", "score", "threshold", "reasons", "policy_version", "model", "catalogue_version")


def sample(engine: RunningEngine) -> list[dict[str, Any]]:
    with (engine.data / "application_test.csv").open(newline="") as file:
        records = csv.reader(file)
        columns = Columns(next(records))
        return [columns.cells(record, 0) for record in islice(records, APPLICATIONS)]


def test_it_decides_as_the_engine_does_and_records_nothing(engine: RunningEngine) -> None:
    applications, outsider = sample(engine), Outsider(engine)
    topics = ("loan.applications.v1", "loan.features.v1", "loan.decisions.v1", "loan.dead-letters.v1")
    before = [len(list(outsider.all_of(topic))) for topic in topics], query(engine, RECORDS)
    with httpx.Client(base_url=engine.gateway, headers={"X-API-Key": engine.api_key}, timeout=30) as client:
        body = {"applications": [*applications, {"AMT_CREDIT": 1}]}
        answer = client.post("/v1/applications:dry-run", json=body)
        assert answer.status_code == 200, answer.text
        *told, refused = answer.json()["decisions"]
        assert refused["status"] == 422
        after = [len(list(outsider.all_of(topic))) for topic in topics], query(engine, RECORDS)
        assert after == before

        for cells, trial in zip(applications, told, strict=True):
            name = f"dry-run-{uuid4()}"
            submission = {"application_id": name, "application": cells}
            recorded = client.post("/v1/applications", json=submission, headers={"Prefer": "wait=20"})
            decision = recorded.json()["decision"]
            assert decision["probability_of_default"] == pytest.approx(
                trial["probability_of_default"], abs=1e-9
            )
            assert {name: decision[name] for name in SAME} == {name: trial[name] for name in SAME}
