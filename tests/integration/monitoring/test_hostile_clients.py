"""What no client of monitoring sends by accident is refused, by name and before it costs anything."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from services.kit.database import Database
from services.kit.kafka_settings import KafkaSettings
from services.monitoring.champion import Champion
from services.monitoring.history import History
from tests.integration.monitoring.interface import interface
from tests.unit.monitoring.alert_examples import feature, summary

pytestmark = pytest.mark.postgres
SILENCE = "/v1/alerts/a/silence"


@pytest.fixture
async def client(tmp_path: Path, database: Database, champion: Champion) -> AsyncIterator[httpx.AsyncClient]:
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    async with interface(tmp_path, database=database, kafka=kafka, champion=champion) as client:
        yield client


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1969-12-31T00:00:00Z", "now", "2026-01-31"],
)
@pytest.mark.parametrize("name", ["from", "to"])
async def test_a_moment_off_the_calendar_is_named(client: httpx.AsyncClient, name: str, moment: str) -> None:
    for path in ("/v1/history", "/v1/export.csv"):
        assert refused(await client.get(path, params={name: moment}), 422).startswith(f"{name}: must be")


@pytest.mark.parametrize("path", ["/v1/history", "/v1/export.csv"])
async def test_a_span_of_microseconds_at_a_tick_is_told(
    client: httpx.AsyncClient, database: Database, path: str
) -> None:
    at = datetime.now(UTC)
    history = History(database, keep_ticks=timedelta(days=3), keep_hours=timedelta(days=180))
    await history.record([(summary(feature(), at=at), np.zeros(3))])
    begin = at - timedelta(microseconds=2)
    answer = await client.get(path, params={"from": begin.isoformat(), "to": at.isoformat()})
    assert answer.status_code == 200
    assert "AMT_CREDIT" in answer.text


@pytest.mark.parametrize("text", ["\0", "x\0", "\ud7ff", "'; DROP TABLE monitoring.alerts; --", "x" * 5_000])
async def test_any_name_may_be_asked_for(client: httpx.AsyncClient, text: str) -> None:
    for path in ("/v1/summary", "/v1/history", "/v1/export.csv"):
        for name in ("window", "segment"):
            assert (await client.get(path, params={name: text})).status_code in {200, 404, 422}
    for path in ("/v1/features/{}", "/v1/reports/{}/html"):
        assert (await client.get(path.format(text.replace("\0", "%00")))).status_code in {404, 422}
    answer = await client.post(
        f"/v1/alerts/{text.replace(chr(0), '%00')}/acknowledge", json={"reason": text * 3}
    )
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize("path", ["summary", "history", "export.csv", "features/AMT_CREDIT"])
async def test_a_window_that_there_is_not_is_told_with_those_there_are(
    client: httpx.AsyncClient, path: str
) -> None:
    named = (await client.get("/v1/windows")).json()["windows"]
    detail = refused(await client.get(f"/v1/{path}", params={"window": "1d"}), 422)
    assert detail == f"window: must be one of {', '.join(named)}"


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[" * 60_000, b'{"reason": NaN}', b""])
async def test_a_body_that_is_none_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(SILENCE, content=body, headers={"Content-Type": "application/json"})
    assert refused(answer, answer.status_code)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_body_is_refused_before_it_is_read(client: httpx.AsyncClient, chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in _pieces():
            yield piece

    headers = {"Content-Type": "application/json", "X-API-Key": ""}
    content = pieces() if chunked else b"".join(_pieces())
    answer = await client.post(SILENCE, content=content, headers=headers)
    assert "more than 65536 bytes" in refused(answer, 413)


@pytest.mark.parametrize(("length", "status"), [("0" * 5_000 + "2", 422), ("9" * 5_000, 413)])
async def test_a_length_of_thousands_of_digits_is_read(
    client: httpx.AsyncClient, length: str, status: int
) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": length}
    assert refused(await client.post(SILENCE, content=b"{}", headers=headers), status)


def _pieces() -> Iterator[bytes]:
    yield from [b" " * 1_000] * 100


async def test_what_is_not_there_is_told_in_the_same_form(client: httpx.AsyncClient) -> None:
    assert refused(await client.get("/v1/nothing"), 404)
    answer = await client.delete("/v1/reports")
    assert refused(answer, 405)
    assert answer.headers["Allow"]
