"""Whatever goes wrong is told as a problem document, and tells nothing of the input."""

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.settings import GatewaySettings
from tests.unit.gateway.fakes import FakeGateway

JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["type"].startswith("urn:octroi:problem:")
    assert told["title"]
    assert told["request_id"] == answer.headers["X-Request-ID"]
    return told


async def post_cells(client: httpx.AsyncClient, **cells: object) -> dict[str, Any]:
    application = {**SMALLEST_APPLICATION, **cells}
    told = problem(await client.post("/v1/applications", json={"application": application}), 422)
    (error,) = told["errors"]
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize(
    ("cell", "value", "allowed"),
    [
        ("AMT_CREDIT", -987654, "number above 0, at most 10000000000"),
        ("AMT_CREDIT", "987654", "number above 0, at most 10000000000"),
        ("DAYS_BIRTH", 987654, "number at least -43830, at most -1"),
        ("CNT_CHILDREN", 0.987654, "number at least 0, at most 1000, in steps of 1 or null"),
        ("FLAG_OWN_CAR", "987654", "one of Y, N or null"),
        ("DAYS_EMPLOYED", 987654, "number at least -36525, at most 0 or 365243 or null"),
        ("NAME_CONTRACT_TYPE", "987654" * 20, "string with a length of at most 64 or null"),
    ],
)
async def test_a_cell_out_of_range_is_named_with_what_it_may_hold(
    client: httpx.AsyncClient, cell: str, value: object, allowed: str
) -> None:
    error = await post_cells(client, **{cell: value})
    assert error["field"] == f"application.{cell}"
    assert error["allowed"] == allowed
    assert "987654" not in str(error)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"\xff\xfe", "body"),
        (b"{}", "application"),
        (b'{"application": 7}', "application"),
        (b'{"application": {"AMT_CREDIT": NaN}}', "application.AMT_CREDIT"),
        (b'{"application_id": "a b"}', "application_id"),
        (b'{"application_id": ""}', "application_id"),
        (b'{"channel": "a\\u0000b"}', "channel"),
        (b'{"channel": "a\\u007fb"}', "channel"),
        (b'{"aplication": {}}', "aplication"),
    ],
)
async def test_a_body_that_is_no_application_is_422(
    client: httpx.AsyncClient, body: bytes, field: str
) -> None:
    told = problem(await client.post("/v1/applications", content=body, headers=JSON), 422)
    assert field in [error["field"] for error in told["errors"]]
    if field == "body":
        assert told["errors"][0]["message"] in told["detail"]


async def test_another_media_type_is_415(client: httpx.AsyncClient) -> None:
    told = problem(await client.post("/v1/applications", data={"a": "b"}), 415)
    assert "application/json" in told["detail"]


async def test_an_unknown_address_is_404(client: httpx.AsyncClient) -> None:
    problem(await client.get("/v2/applications"), 404)
    problem(await client.get("/v1/applications/"), 404)


async def test_an_unknown_method_is_405_and_names_those_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/applications")
    problem(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("application_id", ["unknown", "a%00b", "a%20b", "x" * 65])
async def test_an_unknown_application_is_404(client: httpx.AsyncClient, application_id: str) -> None:
    for path in (f"/v1/applications/{application_id}", f"/v1/applications/{application_id}/events"):
        told = problem(await client.get(path), 404)
        assert told["type"] == "urn:octroi:problem:unknown-application"


@pytest.mark.parametrize("path", ["/v1/applications", "/v1/applications/a-1", "/v1/applications/a-1/events"])
async def test_the_ledger_away_is_503(gateway: FakeGateway, client: httpx.AsyncClient, path: str) -> None:
    gateway.states.away = True
    answer = await client.get(path)
    problem(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    assert "PostgreSQL" not in answer.text


class CrashError(Exception):
    pass


async def test_an_error_of_its_own_is_500_without_internals(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    def crash(_: str) -> None:
        raise CrashError("password=secret")

    gateway.publisher.listener = crash
    body = {"application": SMALLEST_APPLICATION}
    with capture_logs() as logs:
        told = problem(await client.post("/v1/applications", json=body), 500)
    assert "secret" not in str(told)
    assert "CrashError" not in str(told)
    (crashed,) = [line for line in logs if line["event"] == "request_crashed"]
    assert crashed["error"] == "CrashError"
    assert crashed["where"].startswith(f"{__file__}:")
    assert "exc_info" not in crashed


class TestBodyLimit:
    @pytest.fixture
    async def client(self, gateway: FakeGateway, key: str) -> httpx.AsyncClient:
        settings = GatewaySettings(api_keys_file=gateway.settings.api_keys_file, largest_body=1000)
        return FakeGateway(settings, gateway.keys).client(key)

    async def test_a_body_that_announces_too_much_is_413(self, client: httpx.AsyncClient) -> None:
        problem(await client.post("/v1/applications", content=b"x" * 1001, headers=JSON), 413)

    async def test_a_body_that_does_not_say_its_size_is_413_too(self, client: httpx.AsyncClient) -> None:
        async def endless() -> Any:  # noqa: ANN401 - an iterator of bytes
            while True:
                yield b"x" * 100

        answer = await client.post("/v1/applications", content=endless(), headers=JSON)
        problem(answer, 413)
        assert "Content-Length" not in answer.request.headers

    async def test_a_body_of_just_the_size_is_read(self, client: httpx.AsyncClient) -> None:
        problem(await client.post("/v1/applications", content=b"x" * 1000, headers=JSON), 422)


async def test_probes_tell_what_is_wrong(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.troubles.append("applications: no connection to Kafka")
    assert (await client.get("/health/live")).status_code == 200
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["applications: no connection to Kafka"]
