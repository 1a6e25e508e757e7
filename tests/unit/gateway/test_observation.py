import httpx
import pytest
from structlog.testing import capture_logs

from services.contracts.examples import APPLICATION
from tests.unit.gateway.fakes import FakeGateway


async def test_a_request_id_is_taken_over(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/applications", headers={"X-Request-ID": "front-office:1"})
    assert answer.headers["X-Request-ID"] == "front-office:1"


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 129, "a\tb"])
async def test_another_one_is_made_where_it_is_missing_or_unfit(
    client: httpx.AsyncClient, given: str | None
) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    first = await client.get("/v1/applications", headers=headers)
    second = await client.get("/v1/applications", headers=headers)
    made = {first.headers["X-Request-ID"], second.headers["X-Request-ID"]}
    assert len(made) == 2
    assert given not in made


async def test_a_request_is_a_line_of_log_without_its_contents(client: httpx.AsyncClient, key: str) -> None:
    with capture_logs() as logs:
        await client.post("/v1/applications", json={"application_id": "web-1", "application": APPLICATION})
        await client.get("/v1/applications/web-1?secret=1")
    first, second = [line for line in logs if line["event"] == "request"]
    assert (first["method"], first["route"], first["status"]) == ("POST", "/v1/applications", 202)
    assert second["route"] == "/v1/applications/{application_id}"
    assert first["key"]
    assert first["milliseconds"] > 0
    for hidden in (key, "512000", "secret", "web-1"):
        assert hidden not in str([first, second])


async def test_requests_are_counted_by_route(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    for path in ("/v1/applications/a-1", "/v1/applications/a-2", "/nowhere", "/elsewhere", "/health/live"):
        await client.get(path)

    def count(route: str, status: int) -> float | None:
        labels = {"route": route, "method": "GET", "status": str(status)}
        return gateway.registry.get_sample_value("octroi_http_requests_total", labels)

    assert count("/v1/applications/{application_id}", 404) == 2
    assert count("none", 404) == 2
    assert count("/health/live", 200) == 1
    metrics = (await client.get("/metrics")).text
    assert 'octroi_http_seconds_bucket{le="0.001",method="GET",route="/health/live"}' in metrics


async def test_publishing_is_timed(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    await client.post("/v1/applications", json={"application": APPLICATION})
    assert gateway.registry.get_sample_value("octroi_publish_seconds_count") == 1


async def test_what_is_not_available_is_in_the_log(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.publisher.away = True
    with capture_logs() as logs:
        answer = await client.post("/v1/applications", json={"application": APPLICATION})
    assert answer.status_code == 503
    assert [line["error"] for line in logs if line["event"] == "request_unavailable"] == ["Kafka is away"]
