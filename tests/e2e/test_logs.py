"""No log says who applied, with what, or by which key: of production, and with all that developers see."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.contracts.examples import APPLICATION
from tests.e2e.following import Outsider, query, wait_for
from tests.engine import RunningEngine, running_engine
from tests.parts import part_folder

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
INCOME, CREDIT, LOAN = 73_491_827.25, 82_640_917.5, 918_273_645_546
OCCUPATION, NAME, NOTE, REASON = "Quixotic farrier", "zyx-front-office", "Wampeter note", "Granfalloon reason"
WRONG_KEY, IDEMPOTENCY_KEY = "octroi_karass_is_no_key", "foma-order-8812"
MARKS = (
    *("73491827", "82640917", "918273645546"),
    *(OCCUPATION, NAME, NOTE, REASON, WRONG_KEY, IDEMPOTENCY_KEY),
)
CELLS = {
    **APPLICATION,
    "SK_ID_CURR": LOAN,
    "AMT_INCOME_TOTAL": INCOME,
    "AMT_CREDIT": CREDIT,
    "OCCUPATION_TYPE": OCCUPATION,
    "REMARK": NOTE,
}
BAD_CELLS = {**CELLS, "AMT_CREDIT": f"{CREDIT} {OCCUPATION}", "AMT_ANNUITY": -INCOME, "CODE_GENDER": NOTE * 9}
KNOWN = "SELECT count(*) FROM application_states WHERE starts_with(application_id, %s) AND state = %s"
LETTERS = "SELECT count(*) FROM ledger.dead_letters WHERE starts_with(application_id, %s)"


@pytest.fixture(params=["INFO", "DEBUG"])
def logging_engine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RunningEngine, str]]:
    """The engine of all tests, which logs as production does, and one that logs all there is."""
    shared: RunningEngine = request.getfixturevalue("engine")
    if request.param == "INFO":
        yield shared, request.param
        return
    monkeypatch.setitem(os.environ, "OCTROI_LOG_LEVEL", request.param)
    with part_folder() as folder, running_engine(folder / "state", data=shared.data) as running:
        yield running, request.param


def by_rest(client: httpx.Client) -> None:
    """Send good and bad applications in every way that the gateway takes them."""
    bad = {"application_id": f"{NAME}-bad", "application": BAD_CELLS}
    good = {"application_id": f"{NAME}-1", "application": CELLS}
    other = {"application_id": f"{NAME}-1", "application": {**CELLS, "AMT_CREDIT": 1}}
    address, wait = "/v1/applications", {"Prefer": "wait=30"}
    answers = [
        client.post(address, json=good, headers=wait),
        client.post(address, json=bad),
        client.post(address, json=other),
        client.post(address, content=json.dumps(good)[:-9] + NOTE),
        client.post(address, json={"application": CELLS}, headers={"Idempotency-Key": IDEMPOTENCY_KEY}),
        client.post(address, json=good, headers={"X-API-Key": WRONG_KEY}),
        client.post(f"{address}:batch", json=[bad, {**good, "application_id": f"{NAME}-2"}]),
        client.post(f"{address}:dry-run", json={"applications": [CELLS, BAD_CELLS]}),
        client.get(f"{address}/{NAME}-1"),
        client.get(f"{address}/{NAME}-unknown"),
        client.get(f"{address}/{NAME} {NOTE}"),
        client.get(f"/v1/{NAME}/{NOTE}"),
        client.get(address, params={"channel": NAME, "cursor": NOTE, "state": OCCUPATION}),
        client.get(f"{address}/{NAME}-1/events"),
        client.post(
            "/v1/batches", params={"name": NAME}, content=csv_file(), headers={"Content-Type": "text/csv"}
        ),
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 422, 409, 422, 202, 401, 200, 200, 200, 404, 404, 404, 422, 200, 202], statuses


def csv_file() -> str:
    """Return a file with a good row and bad ones."""
    cells = {name: cell for name, cell in CELLS.items() if cell is not None and name != "REMARK"}
    good = ",".join(map(str, cells.values()))
    return "\n".join((",".join(cells), good, good.replace(str(CREDIT), NOTE), good + ",", f'"{NOTE}', ""))


def by_topic(outsider: Outsider) -> None:
    """Write good and bad records, a second application under one id, and outcomes."""
    event = {"application_id": f"{NAME}-3", "application": CELLS}
    second = {**event, "application": {**CELLS, "AMT_CREDIT": 1.0}}
    bad = {"application_id": f"{NAME}-4", "application": BAD_CELLS}
    outsider.send("loan.applications.v1", *(json.dumps(each).encode() for each in (event, second, bad)))
    outsider.send("loan.applications.v1", f"{NAME}: {NOTE}".encode(), json.dumps(event).encode()[:-5])
    outcome = {"application_id": f"{NAME}-3", "outcome": NOTE, "observed_at": "2026-04-01T00:00:00Z"}
    outsider.send(
        "loan.outcomes.v1",
        json.dumps(outcome).encode(),
        json.dumps({**outcome, "outcome": "repaid"}).encode(),
    )


def by_operators(client: httpx.Client) -> None:
    """Act on what is not there, with and without a key."""
    for key in ({}, {"X-API-Key": WRONG_KEY}):
        answer = client.post(f"/v1/alerts/{NAME}/silence", json={"reason": REASON, "minutes": 5}, headers=key)
        assert answer.status_code in {401, 404}
    assert client.get("/v1/summary", params={"segment": NAME}).status_code == 404
    assert client.get("/v1/summary", params={"window": NOTE}).status_code == 422
    assert client.get("/v1/dead-letters").status_code == 200


def test_no_log_tells_of_applicants_or_keys(logging_engine: tuple[RunningEngine, str]) -> None:
    engine, level = logging_engine
    headers = {"X-API-Key": engine.api_key}
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=60) as client:
        by_rest(client)
    by_topic(Outsider(engine))
    with httpx.Client(base_url=engine.monitoring, headers=headers, timeout=60) as client:
        wait_for(
            lambda: query(engine, LETTERS, NAME)[0][0] >= 1, seconds=60, what="dead letters in the ledger"
        )
        by_operators(client)
    wait_for(
        lambda: query(engine, KNOWN, NAME, "decided")[0][0] >= 3, seconds=60, what="decisions in the ledger"
    )
    logs = texts(engine.engine.state.logs)
    assert {"gateway", "feature", "scoring", "ledger", "monitoring"} <= {path.stem for path in logs}
    everything = "".join(logs.values())
    assert "/v1/applications" in everything, "the requests are in the logs"
    assert ("debug" in everything) is (level == "DEBUG")
    told = [
        (path.name, mark) for path, text in logs.items() for mark in (*MARKS, engine.api_key) if mark in text
    ]
    assert not told


def texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
