"""SQL and HTML in every text that a client may send: it comes back as text, and no row is lost or changed."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import SMALLEST_APPLICATION
from tests.fuzz.scenes import gateway_interface
from tests.integration.ledger.migrating import new_database
from tests.integration.single.planted import NAME, Planted, lost, plant, rows
from tests.parts import until

pytestmark = pytest.mark.postgres
PAYLOADS = (
    "'; DROP TABLE ledger.decisions; --",
    "';TRUNCATE ledger.decisions;--",
    "' OR '1'='1",
    "1); DELETE FROM gateway.batches; --",
    "$$; UPDATE ledger.decisions SET score = 300; $$",
    "x'; UPDATE ledger.applications SET channel = 'pwned'; --",
    "%s %(id)s :ids \\'; {0}",
    "<script>window.pwned = 1</script>",
    '"><img src=x onerror="pwned=1">',
    "{{7*7}} ${7*7} <%= 7*7 %>",
    '=HYPERLINK("http://127.0.0.1/")',
)
ADDRESS = "/v1/applications"
CSV = {"Content-Type": "text/csv"}
FILE = "AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n96000,150000,-10950\n"
FREE = {("post", "/v1/batches", "name"), ("get", ADDRESS, "channel")}
"""Parameters of queries that take any text."""


def text_fields(*, fixed: bool) -> list[str]:
    """Return the cells that hold text: those of fixed words, or those of any."""
    found = {
        name: kind
        for name, told in LoanApplication.model_json_schema()["properties"].items()
        for kind in told.get("anyOf", [told])
        if kind.get("type") == "string"
    }
    return [name for name, kind in found.items() if ("enum" in kind) is fixed]


WORDS, FIXED = text_fields(fixed=False), text_fields(fixed=True)


@pytest.fixture(scope="module")
def database(postgres_url: str, template: str) -> Iterator[str]:
    with new_database(postgres_url, template) as url:
        yield url


@pytest.fixture(scope="module")
def client(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("single")
    with gateway_interface(folder, database) as served:
        headers = {"X-API-Key": served.key}
        with httpx.Client(base_url=served.address, headers=headers, timeout=60) as client:
            yield client


@pytest.fixture(scope="module")
def planted(client: httpx.Client, database: str) -> Planted:
    return plant(client, database)


@pytest.fixture(autouse=True)
def tables(client: httpx.Client, database: str, planted: Planted) -> Iterator[None]:
    """Look behind each test whether every planted row is as it was and whether the gateway still answers."""
    yield
    assert lost(planted.rows, rows(database)) == []
    assert client.get("/health/ready").status_code == 200


def test_the_texts_are_those_of_the_contract() -> None:
    assert {"FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "WALLSMATERIAL_MODE", "OCCUPATION_TYPE"} < set(WORDS)
    assert {"FLAG_OWN_CAR", "WEEKDAY_APPR_PROCESS_START", "EMERGENCYSTATE_MODE"} < set(FIXED)


def cells_of(payload: str) -> dict[str, Any]:
    """Return an application with the payload in every text, and in fields beyond the contract."""
    words = dict.fromkeys(WORDS, payload[:64])
    return {**SMALLEST_APPLICATION, **words, payload: payload, "NOTE": [payload]}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cells_come_back_as_they_were_sent(client: httpx.Client, payload: str) -> None:
    cells, name = cells_of(payload), f"a-{uuid4()}"
    given = {"application_id": name, "channel": payload[:32], "application": cells}
    answer = client.post(ADDRESS, json=given, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    found = client.get(f"{ADDRESS}/{name}")
    assert found.headers["Content-Type"] == "application/json"
    assert found.json()["application"] == cells
    assert found.json()["channel"] == payload[:32]
    until(lambda: name in names_of(client, payload[:32]), "the list of the channel to have it")
    assert names_of(client, f"{payload[:31]}\u2603") == set()
    assert NAME not in names_of(client, payload[:32])
    [trial] = client.post(f"{ADDRESS}:dry-run", json={"applications": [cells]}).json()["decisions"]
    decided = answer.json()["decision"]
    for told in ("outcome", "probability_of_default", "score"):
        assert trial[told] == decided[told]


def names_of(client: httpx.Client, channel: str) -> set[str]:
    answer = client.get(ADDRESS, params={"channel": channel})
    assert answer.status_code == 200, answer.text
    return {item["application_id"] for item in answer.json()["items"]}


@pytest.mark.parametrize("field", FIXED)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_cells_of_fixed_words_take_no_other_text(client: httpx.Client, payload: str, field: str) -> None:
    cells = {**SMALLEST_APPLICATION, field: payload}
    refused = client.post(ADDRESS, json={"application": cells})
    assert refused.status_code == 422
    trial = client.post(f"{ADDRESS}:dry-run", json={"applications": [cells]})
    line = client.post(f"{ADDRESS}:batch", json=[{"application": cells}])
    [tried], [sent] = trial.json()["decisions"], line.json()
    assert (tried["status"], sent["status"]) == (422, 422)
    for problem in (refused.json(), tried["problem"], sent["problem"]):
        assert [error["field"] for error in problem["errors"]] == [f"application.{field}"]
    assert all(payload not in answer.text for answer in (refused, trial, line))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_headers_are_text_with_quotes_and_without(client: httpx.Client, payload: str) -> None:
    given, key = {"application": SMALLEST_APPLICATION}, payload.replace(" ", "").replace('"', "")
    answers = [
        client.post(ADDRESS, json=given, headers={"Prefer": "wait=30", "Idempotency-Key": sent})
        for sent in (key, f'"{key}"')
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert answers[0].json()["application_id"] == answers[1].json()["application_id"]
    headers = {**CSV, "Idempotency-Key": key}
    twice = [client.post("/v1/batches", content=FILE, headers=headers) for _ in range(2)]
    assert twice[0].headers["Location"] == twice[1].headers["Location"]
    for path, body in ((ADDRESS, given), (f"{ADDRESS}:batch", [given])):
        refused = client.post(path, json=body, headers={"Idempotency-Key": f'{payload} "'})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "header.Idempotency-Key"
    events = client.get(f"{ADDRESS}/{NAME}/events", headers={"Last-Event-ID": payload})
    assert (events.status_code, payload in events.text) == (200, False)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_names_an_application_takes_no_such_text(client: httpx.Client, payload: str) -> None:
    given = {"application_id": payload, "application": SMALLEST_APPLICATION}
    answer = client.post(ADDRESS, json=given)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "application_id"
    assert payload not in answer.text
    found = client.get(f"{ADDRESS}/x" + httpx.URL("http://x", params={"a": payload}).query.decode()[2:])
    assert found.status_code == 404
    assert found.headers["Content-Type"] == "application/problem+json"


def parameters(client: httpx.Client) -> Iterator[tuple[str, str, str]]:
    """Yield method, path and name of every parameter of a query that the OpenAPI document has."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    yield method, path, parameter["name"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_question_is_a_statement(client: httpx.Client, planted: Planted, payload: str) -> None:
    asked = set(parameters(client))
    assert asked > FREE
    for method, path, name in (asked - FREE) | {("get", ADDRESS, payload), ("post", "/v1/batches", payload)}:
        address = path.replace("{batch_id}", planted.batch_id)
        answer = client.request(method, address, params={name: payload}, headers=CSV)
        assert answer.status_code == 422, (method, path, name)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [f"query.{name}"]
    assert client.get(f"/v1/batches/{httpx.QueryParams({'': payload})}"[:300]).status_code == 404


@pytest.mark.parametrize("payload", PAYLOADS)
def test_batch_names_and_cells_are_text(client: httpx.Client, payload: str) -> None:
    text = StringIO(newline="")
    good = {
        "AMT_INCOME_TOTAL": 96000,
        "AMT_CREDIT": 150000,
        "DAYS_BIRTH": -10950,
        "OCCUPATION_TYPE": payload[:64],
    }
    csv.writer(text).writerows([list(good), list(good.values()), [payload, 1, -10950, payload[:64]]])
    sent = client.post("/v1/batches", params={"name": payload}, content=text.getvalue(), headers=CSV)
    assert sent.status_code == 202, sent.text
    address = sent.headers["Location"]
    until(lambda: client.get(address).json()["state"] == "done", "the batch to be done")
    assert client.get(address).json()["name"] == payload
    assert payload in {batch["name"] for batch in client.get("/v1/batches").json()["batches"]}
    results = list(csv.DictReader(StringIO(client.get(f"{address}/results").text, newline="")))
    assert len(results) == 2
    assert not any(cell.startswith(("=", "+", "@")) for row in results for cell in row.values())
    [error] = client.get(f"{address}/errors").json()["errors"]
    assert (error["row"], error["field"]) == (2, "AMT_INCOME_TOTAL")
    assert payload not in json.dumps(error)
