"""No log and no metric says who applied, with what, or by which key: of production, and at DEBUG."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from services.contracts.examples import APPLICATION
from tests.e2e.following import Outsider, query, wait_for
from tests.engine import SERVICES, RunningEngine
from tests.parts import running_part, until

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
def logs(
    request: pytest.FixtureRequest, engine: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Path]]:
    """A level, and where the services log at it: as production does, and all there is."""
    if request.param == "INFO":
        yield request.param, engine.engine.state.logs
        return
    for name, value in {**engine.launcher, "OCTROI_LOG_LEVEL": request.param}.items():
        monkeypatch.setenv(name, value)
    with services_started_anew(engine, tmp_path):
        yield request.param, tmp_path


@contextmanager
def services_started_anew(engine: RunningEngine, folder: Path) -> Iterator[None]:
    """Run the engine's services with the environment of now, and their logs in `folder`."""
    services, supervisor = engine.engine.services(engine.bootstrap), engine.engine.supervisor
    for service in reversed(services):
        supervisor.stop(service.name)
    try:
        with ExitStack() as stack:
            for service in services:
                stack.enter_context(running_part(service, folder / f"{service.name}.log"))
            yield
    finally:
        for service in services:
            supervisor.begin(service.name)
        until(lambda: all(service.is_ready() for service in services), "the engine's services to be ready")


def by_rest(client: httpx.Client, name: str) -> None:
    """Send good and bad applications in every way that the gateway takes them."""
    bad = {"application_id": f"{name}-bad", "application": BAD_CELLS}
    good = {"application_id": f"{name}-1", "application": CELLS}
    other = {"application_id": f"{name}-1", "application": {**CELLS, "AMT_CREDIT": 1}}
    address, wait = "/v1/applications", {"Prefer": "wait=30"}
    key = {"Idempotency-Key": f"{IDEMPOTENCY_KEY}-{name}"}
    answers = [
        client.post(address, json=good, headers=wait),
        client.post(address, json=bad),
        client.post(address, json=other),
        client.post(address, content=json.dumps(good)[:-9] + NOTE),
        client.post(address, json={"application": CELLS}, headers=key),
        client.post(address, json=good, headers={"X-API-Key": WRONG_KEY}),
        client.post(f"{address}:batch", json=[bad, {**good, "application_id": f"{name}-2"}]),
        client.post(f"{address}:dry-run", json={"applications": [CELLS, BAD_CELLS]}),
        client.get(f"{address}/{name}-1"),
        client.get(f"{address}/{name}-unknown"),
        client.get(f"{address}/{name} {NOTE}"),
        client.get(f"/v1/{name}/{NOTE}"),
        client.get(address, params={"channel": name, "cursor": NOTE, "state": OCCUPATION}),
        client.get(f"{address}/{name}-1/events"),
        client.post(
            "/v1/batches", params={"name": name}, content=csv_file(), headers={"Content-Type": "text/csv"}
        ),
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 422, 409, 422, 202, 401, 200, 200, 200, 404, 404, 404, 422, 200, 202], statuses


def csv_file() -> str:
    """Return a file with a good row and bad ones."""
    cells = {name: cell for name, cell in CELLS.items() if cell is not None and name != "REMARK"}
    good = ",".join(map(str, cells.values()))
    return "\n".join((",".join(cells), good, good.replace(str(CREDIT), NOTE), good + ",", f'"{NOTE}', ""))


def by_topic(outsider: Outsider, name: str) -> None:
    """Write good and bad records, a second application under one id, and outcomes."""
    event = {"application_id": f"{name}-3", "application": CELLS}
    second = {**event, "application": {**CELLS, "AMT_CREDIT": 1.0}}
    bad = {"application_id": f"{name}-4", "application": BAD_CELLS}
    outsider.send("loan.applications.v1", *(json.dumps(each).encode() for each in (event, second, bad)))
    outsider.send("loan.applications.v1", f"{name}: {NOTE}".encode(), json.dumps(event).encode()[:-5])
    outcome = {"application_id": f"{name}-3", "outcome": NOTE, "observed_at": "2026-04-01T00:00:00Z"}
    outsider.send(
        "loan.outcomes.v1",
        json.dumps(outcome).encode(),
        json.dumps({**outcome, "outcome": "repaid"}).encode(),
    )


def by_operators(client: httpx.Client, name: str) -> None:
    """Act on what is not there, with and without a key."""
    for key in ({}, {"X-API-Key": WRONG_KEY}):
        answer = client.post(f"/v1/alerts/{name}/silence", json={"reason": REASON, "minutes": 5}, headers=key)
        assert answer.status_code in {401, 404}
    assert client.get("/v1/summary", params={"segment": name}).status_code == 404
    assert client.get("/v1/summary", params={"window": NOTE}).status_code == 422
    assert client.get("/v1/dead-letters").status_code == 200


def metrics(engine: RunningEngine) -> dict[Path, str]:
    """Return what each service shows to those who gather figures."""
    return {
        Path(f"metrics of {name}"): httpx.get(
            f"http://127.0.0.1:{getattr(engine.engine.settings, f'{name}_port')}/metrics", timeout=30
        )
        .raise_for_status()
        .text
        for name in SERVICES
    }


def test_no_log_and_no_metric_tells_of_applicants_or_keys(
    engine: RunningEngine, logs: tuple[str, Path]
) -> None:
    (level, folder), headers = logs, {"X-API-Key": engine.api_key}
    name = f"{NAME}-{level.lower()}"
    with httpx.Client(base_url=engine.gateway, headers=headers, timeout=60) as client:
        by_rest(client, name)
    by_topic(Outsider(engine), name)
    with httpx.Client(base_url=engine.monitoring, headers=headers, timeout=60) as client:
        wait_for(
            lambda: query(engine, LETTERS, name)[0][0] >= 1, seconds=60, what="dead letters in the ledger"
        )
        by_operators(client, name)
    wait_for(
        lambda: query(engine, KNOWN, name, "decided")[0][0] >= 3, seconds=60, what="decisions in the ledger"
    )
    found = texts(folder)
    assert {"gateway", "feature", "scoring", "ledger", "monitoring"} <= {path.stem for path in found}
    everything = "".join(found.values())
    assert "/v1/applications" in everything, "the requests are in the logs"
    assert ("debug" in everything) is (level == "DEBUG")
    figures = metrics(engine)
    assert all("octroi_" in text for text in figures.values())
    found |= texts(engine.engine.state.logs) | figures
    told = [
        (path.name, mark) for path, text in found.items() for mark in (*MARKS, engine.api_key) if mark in text
    ]
    assert not told


def texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
