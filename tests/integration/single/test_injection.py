"""SQL and HTML in every text that a client may send: it comes back as text, and no table is lost."""

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from tests.fuzz.scenes import gateway_interface
from tests.integration.ledger.migrating import new_database
from tests.parts import until

pytestmark = pytest.mark.postgres
PAYLOADS = (
    "'; DROP TABLE ledger.decisions; --",
    "' OR '1'='1",
    "1); DELETE FROM gateway.batches; --",
    "$$; SELECT pg_sleep(9) $$",
    "%s %(id)s :ids \\'; {0}",
    "<script>window.pwned = 1</script>",
    '"><img src=x onerror="pwned=1">',
    "{{7*7}} ${7*7} <%= 7*7 %>",
    '=HYPERLINK("http://127.0.0.1/")',
)
TEXTS = [name for name, cell in APPLICATION.items() if isinstance(cell, str)]
EVERYTHING = """
SELECT schemaname || '.' || relname, n_live_tup >= 0 FROM pg_stat_user_tables ORDER BY 1
"""


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


@pytest.fixture(autouse=True)
def tables(client: httpx.Client, database: str) -> Iterator[None]:
    """Look behind each test whether all tables are there and whether the gateway still answers."""
    before = rows(database)
    yield
    assert rows(database) == before
    assert len(before) > 10
    assert client.get("/health/ready").status_code == 200


def rows(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(EVERYTHING).fetchall()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cells_come_back_as_they_were_sent(client: httpx.Client, payload: str) -> None:
    words = [
        name for name in TEXTS if "enum" not in str(LoanApplication.model_json_schema()["properties"][name])
    ]
    assert len(words) > 5
    cells = {
        **SMALLEST_APPLICATION,
        **dict.fromkeys(words, payload[:64]),
        payload: payload,
        "NOTE": [payload],
    }
    name = f"a-{uuid4()}"
    answer = client.post(
        "/v1/applications",
        json={"application_id": name, "channel": payload[:32], "application": cells},
        headers={"Prefer": "wait=30", "Idempotency-Key": payload.replace(" ", "").replace('"', "")},
    )
    assert answer.status_code == 200, answer.text
    found = client.get(f"/v1/applications/{name}")
    assert found.headers["Content-Type"] == "application/json"
    assert found.json()["application"] == cells
    assert found.json()["channel"] == payload[:32]
    until(lambda: name in names_of(client, payload[:32]), "the list of the channel to have it")
    assert names_of(client, f"{payload[:31]}\u2603") == set()


def names_of(client: httpx.Client, channel: str) -> set[str]:
    answer = client.get("/v1/applications", params={"channel": channel})
    assert answer.status_code == 200, answer.text
    return {item["application_id"] for item in answer.json()["items"]}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_names_an_application_takes_no_such_text(client: httpx.Client, payload: str) -> None:
    given = {"application_id": payload, "application": SMALLEST_APPLICATION}
    answer = client.post("/v1/applications", json=given)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "application_id"
    assert payload not in answer.text
    found = client.get("/v1/applications/x" + httpx.URL("http://x", params={"a": payload}).query.decode()[2:])
    assert found.status_code == 404
    assert found.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_question_is_a_statement(client: httpx.Client, payload: str) -> None:
    names = (
        "state",
        "outcome",
        "submitted_from",
        "submitted_to",
        "sort",
        "limit",
        "cursor",
        payload,
    )
    for name in names:
        answer = client.get("/v1/applications", params={name: payload})
        assert answer.status_code == 422, name
        assert answer.headers["Content-Type"] == "application/problem+json"
    for path in ("/v1/batches", "/v1/batches/b-1/errors"):
        assert client.get(path, params={"limit": payload}).status_code in {404, 422}
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
    sent = client.post(
        "/v1/batches", params={"name": payload}, content=text.getvalue(), headers={"Content-Type": "text/csv"}
    )
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
