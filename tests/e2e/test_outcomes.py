"""Outcomes of a replayed file meet their decisions, and realised performance is told of them."""

import csv
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.following import query, wait_for
from tests.engine import RunningEngine

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
ROWS = 600
NOBODY = "127.0.0.1:1"


@pytest.fixture(scope="module")
def labelled(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows from the middle of the training table, which no other test hands in from there."""
    file = tmp_path_factory.mktemp("labelled") / "labelled.csv"
    with (engine.data / "application_train.csv").open() as source:
        file.write_text(next(source) + "".join(islice(source, 1000, 1000 + ROWS)))
    return file


@pytest.fixture(scope="module")
def replayed(engine: RunningEngine, labelled: Path) -> Path:
    """Those rows, decided."""
    replay = engine.run("services.replay", "--file", str(labelled))
    assert replay.returncode == 0, replay.stdout + replay.stderr
    return labelled


def performance(engine: RunningEngine) -> dict[str, Any]:
    told: dict[str, Any] = (
        httpx.get(f"{engine.monitoring}/v1/performance", timeout=30).raise_for_status().json()
    )
    return told


def test_outcomes_of_a_replayed_file_become_realised_performance(
    engine: RunningEngine, labelled: Path, request: pytest.FixtureRequest
) -> None:
    early = engine.run("services.replay.outcomes", "--file", str(labelled))
    assert (early.returncode, early.stdout) == (2, "")
    assert "the ledger has no replay of this file; `make replay FILE=` decides it first" in early.stderr
    known = performance(engine)["outcomes"]
    request.getfixturevalue("replayed")
    told = engine.run("services.replay.outcomes", "--file", str(labelled), "--rate", "2000")
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"told {ROWS} of {ROWS}\noutcomes  {ROWS} told: " in told.stdout
    wait_for(
        lambda: performance(engine)["outcomes"] >= known + ROWS, seconds=60, what="all outcomes at the page"
    )
    with labelled.open() as file:
        words = {"0": "repaid", "1": "defaulted"}
        expected = {row["SK_ID_CURR"]: words[row["TARGET"]] for row in csv.DictReader(file)}
    observed = query(engine, "SELECT application_id, observed FROM realised_decisions")
    by_loan = {application_id.rsplit(".", 1)[-1]: outcome for application_id, outcome in observed}
    assert {loan: by_loan.get(loan) for loan in expected} == expected
    now = performance(engine)
    assert 0.5 < now["auc"] < 1
    assert now["business_score"] < 1
    assert sum(band["rows"] for band in now["bands"]) == now["outcomes"]


@pytest.mark.parametrize(
    ("setting", "place", "sentence"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", NOBODY, "Kafka does not answer or take what is sent: "),
        ("DATABASE_URL", f"postgresql://octroi:none@{NOBODY}/octroi", "the ledger cannot be asked: "),
    ],
)
def test_who_is_away_is_named(
    engine: RunningEngine, replayed: Path, setting: str, place: str, sentence: str
) -> None:
    telling = engine.start("services.replay.outcomes", "--file", str(replayed), **{setting: place})
    output, _ = telling.communicate(timeout=120)
    assert telling.returncode == 2, output
    assert output.startswith(sentence)
    assert "Traceback" not in output
