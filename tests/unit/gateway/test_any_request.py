"""Whatever is sent, the gateway answers it, and never by an error of its own."""

import asyncio
import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from tests.unit.gateway.fakes import FakeGateway

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.none() | st.text(max_size=70)
CELLS = st.sampled_from([*LoanApplication.model_fields, "EXTRA"])
SUBMISSIONS = st.fixed_dictionaries(
    {"application": st.dictionaries(CELLS, VALUES, max_size=4)},
    optional={"application_id": NAMES, "channel": NAMES},
)
FILE = b"AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n"
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def json_of(value: object) -> bytes:
    """Return JSON, or what Python takes for it: NaN and lone surrogates are sent by some."""
    return json.dumps(value).encode()


def send(gateway: FakeGateway, key: str, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401
    async def ask() -> httpx.Response:
        async with gateway.client(key) as client:
            return await client.request(method, path, **request)

    return asyncio.run(ask())


@MANY
@given(body=SUBMISSIONS)
def test_any_cells(gateway: FakeGateway, key: str, body: dict[str, Any]) -> None:
    content = json_of({**body, "application": {**APPLICATION, **body["application"]}})
    answer = send(gateway, key, "POST", "/v1/applications", content=content)
    assert answer.status_code in {202, 409, 422}
    batch = send(gateway, key, "POST", "/v1/applications:batch", content=b"[" + content + b"]")
    assert batch.status_code in {200, 422}
    if batch.status_code == 200:
        assert batch.json()[0]["status"] in {202, 409, 422}


@MANY
@given(body=st.binary(max_size=200) | VALUES.map(json_of))
def test_any_body(gateway: FakeGateway, key: str, body: bytes) -> None:
    for path in ("/v1/applications", "/v1/applications:batch", "/v1/applications:dry-run"):
        assert send(gateway, key, "POST", path, content=body).status_code in {200, 422}


@MANY
@given(cells=st.dictionaries(CELLS, VALUES, max_size=4))
def test_any_question(gateway: FakeGateway, key: str, cells: dict[str, Any]) -> None:
    gateway.trials.reading.clear()
    content = json_of({"applications": [{**APPLICATION, **cells}]})
    answer = send(gateway, key, "POST", "/v1/applications:dry-run", content=content)
    assert answer.status_code in {200, 422, 503}


@MANY
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: FILE + text.encode()))
def test_any_file(gateway: FakeGateway, key: str, body: bytes) -> None:
    headers = {"Content-Type": "text/csv"}
    answer = send(gateway, key, "POST", "/v1/batches", content=body, headers=headers)
    assert answer.status_code in {422, 503}


@MANY
@given(found=VALUES | st.lists(VALUES, max_size=3), sort=st.sampled_from(["submitted_at", "score"]))
def test_any_cursor(gateway: FakeGateway, key: str, found: object, sort: str) -> None:
    query = {"cursor": urlsafe_b64encode(json_of(found)).decode(), "sort": sort}
    assert send(gateway, key, "GET", "/v1/applications", params=query).status_code in {200, 422}


@MANY
@given(query=st.dictionaries(st.sampled_from(["state", "channel", "cursor", "submitted_from"]), st.text()))
def test_any_query(gateway: FakeGateway, key: str, query: dict[str, str]) -> None:
    assert send(gateway, key, "GET", "/v1/applications", params=query).status_code in {200, 422}
