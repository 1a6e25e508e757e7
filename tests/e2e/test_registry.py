"""The alias moves while applications flow; files are scored as the stream decides."""

import csv
import json
import re
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.contracts.examples import APPLICATION
from tests.e2e.following import query, wait_for
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.mlflow]


def champion(engine: RunningEngine) -> str:
    url = f"{engine.environment['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/registered-models/alias"
    answer = httpx.get(url, params={"name": "octroi-scorecard", "alias": "champion"}, timeout=30)
    return str(answer.raise_for_status().json()["model_version"]["version"])


def test_a_file_is_scored_as_the_stream_decides(engine: RunningEngine, tmp_path: Path) -> None:
    applications = engine.data / "application_test.csv"
    replay = engine.run("services.replay", "--file", str(applications))
    assert replay.returncode == 0, replay.stdout + replay.stderr
    out = tmp_path / "scores.csv"
    scored = engine.run("services.scoring.file", "--in", str(applications), "--out", str(out))
    assert scored.returncode == 0, scored.stderr
    with out.open() as file:
        from_file = {int(row["SK_ID_CURR"]): row for row in csv.DictReader(file)}
    rows = query(
        engine,
        "SELECT application_id, probability_of_default, score, outcome FROM application_states "
        "WHERE application_id LIKE 'replay-%%' ORDER BY submitted_at DESC, application_id LIMIT %s",
        len(from_file),
    )
    assert len(rows) == len(from_file) > 0
    for application_id, probability, score, outcome in rows:
        row = from_file[int(application_id.rsplit(".", 1)[-1])]
        assert float(row["probability_of_default"]) == pytest.approx(probability, abs=1e-6)
        assert (int(row["score"]), row["outcome"]) == (score, outcome)


def test_the_champion_is_moved_and_moved_back_under_load_and_no_request_fails(engine: RunningEngine) -> None:
    old = champion(engine)
    trained = engine.run(
        *("services.training", "--data", str(engine.data), "--quick", "--comparison", "none", "--seed", "2")
    )
    registered = re.search(r"octroi-scorecard version (\d+) is", trained.stdout)
    assert registered, trained.stdout + trained.stderr
    new = registered[1]
    answered: list[tuple[int, str | None]] = []
    headers = {"X-API-Key": engine.api_key, "Prefer": "wait=20"}
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=30) as client:

        def ask() -> str | None:
            answer = client.post("/v1/applications", json={"application": APPLICATION})
            body = json.loads(answer.content)
            version = body["decision"]["model"]["version"] if answer.status_code == 200 else None
            answered.append((answer.status_code, version))
            return version

        def decides(version: str) -> bool:
            return ask() == version

        if champion(engine) != old:
            # The gate found it better, which is not what this is about.
            back = engine.run("services.training.promote", "--version", old)
            assert back.returncode == 0, back.stderr
        wait_for(partial(decides, old), seconds=60, what=f"a decision of version {old}")
        for move, wanted in ((("--version", new), new), (("--rollback",), old)):
            moving = engine.start("services.training.promote", *move)
            wait_for(partial(decides, wanted), seconds=60, what=f"a decision of version {wanted}")
            output, _ = moving.communicate(timeout=60)
            assert moving.returncode == 0, output
            assert champion(engine) == wanted
    assert {status for status, _ in answered} == {200}
