"""What monitoring's own parts are asked does not grow with the number of those who look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import numpy as np
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Scope

from services.kit.database import Database
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.monitoring.champion import Champion, Watched
from services.monitoring.history import History
from services.monitoring.large_answers import AT_A_TIME, SENT_WITHIN, LargeAnswers
from services.monitoring.places import Places
from services.monitoring.report_requests import request
from services.monitoring.report_turns import Outcome, finish
from services.scorecard.policy import load_policy
from tests.fuzz.scenes import served
from tests.integration.kit.waiting import until
from tests.integration.monitoring.interface import interface, made
from tests.models import small_bundle
from tests.unit.gateway.fakes import NOWHERE
from tests.unit.monitoring.alert_examples import feature, summary
from tests.unit.monitoring.population import champion_of

KAFKA = KafkaSettings(bootstrap_servers="127.0.0.1:1")
CROWD = 30
FEW = 5
"""A look may try more than once."""


class Part:
    """Where Kafka or PostgreSQL would be: counts who comes, and sends them away."""

    def __init__(self) -> None:
        self.came = 0
        self.at_a_time = 0
        self._here = 0

    async def take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        self._here += 1
        self.at_a_time = max(self.at_a_time, self._here)
        # Long enough for all of a crowd to be there.
        await asyncio.sleep(0.2)
        self._here -= 1
        writer.close()


@pytest.fixture
async def part() -> AsyncIterator[tuple[Part, int]]:
    part = Part()
    async with await asyncio.start_server(part.take, "127.0.0.1", 0) as server:
        yield part, server.sockets[0].getsockname()[1]


@pytest.fixture
def champion() -> Champion:
    return champion_of(Watched("7", small_bundle(), load_policy()))


@pytest.mark.parametrize("path", ["pipeline", "performance", "stream"])
async def test_a_crowd_costs_one_look(
    tmp_path: Path, part: tuple[Part, int], champion: Champion, path: str
) -> None:
    asked, port = part
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port if path == 'pipeline' else 1}")
    place = "127.0.0.1:1" if path == "pipeline" else f"127.0.0.1:{port}"
    database = Database(DatabaseSettings(url=SecretStr(f"postgresql://octroi:none@{place}/octroi")))
    turns = count()
    async with interface(
        tmp_path,
        database=database,
        kafka=kafka,
        champion=champion,
        stopping=lambda: next(turns) >= CROWD,
    ) as client:
        answers = await asyncio.gather(*(client.get(f"/v1/{path}") for _ in range(CROWD)))
    await database.close()
    assert {answer.status_code for answer in answers} == {503 if path == "performance" else 200}
    assert 0 < asked.came <= FEW


async def test_streams_have_a_limit_and_one_that_ends_makes_room(tmp_path: Path, champion: Champion) -> None:
    database = Database(NOWHERE)
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    making = made(tmp_path, database=database, kafka=kafka, champion=champion, streams=2)
    async with (
        making as (application, key),
        served(application, key) as monitoring,
        httpx.AsyncClient(base_url=monitoring.address, timeout=30) as client,
    ):

        async def opened() -> tuple[AsyncExitStack, httpx.Response]:
            held = AsyncExitStack()
            return held, await held.enter_async_context(client.stream("GET", "/v1/stream"))

        streams = [await opened() for _ in range(3)]
        assert [answer.status_code for _, answer in streams] == [200, 200, 503]
        refused = streams[2][1]
        assert refused.headers["Retry-After"] == "30"
        assert refused.headers["Content-Type"] == "application/problem+json"
        await refused.aread()
        assert refused.json()["detail"] == "2 streams are open, which is the most; try again in 30 seconds."
        for held, _ in streams:
            await held.aclose()

        async def has_room() -> bool:
            held, answer = await opened()
            await held.aclose()
            return answer.status_code == 200

        await until(has_room)
    await database.close()


LARGE = ("history", "export.csv", "reports/{report}/html")
"""What may have megabytes, and takes as much of memory for each who asks."""
PAGE = b"<html>" + b" " * 2_000


@pytest.mark.parametrize("path", LARGE)
async def test_a_crowd_at_a_large_answer_is_let_in_a_few_at_a_time(
    tmp_path: Path, part: tuple[Part, int], champion: Champion, path: str
) -> None:
    asked, port = part
    url = SecretStr(f"postgresql://octroi:none@127.0.0.1:{port}/octroi")
    database = Database(DatabaseSettings(url=url, pool=CROWD))
    async with interface(tmp_path, database=database, kafka=KAFKA, champion=champion) as client:
        answers = await asyncio.gather(*(client.get(f"/v1/{path}") for _ in range(CROWD)))
    await database.close()
    assert {answer.status_code for answer in answers} == {503}
    assert all("PostgreSQL" in answer.json()["detail"] for answer in answers)
    assert 0 < asked.at_a_time <= AT_A_TIME


@asynccontextmanager
async def looking(
    folder: Path, database: Database, champion: Champion, *, within: timedelta = SENT_WITHIN
) -> AsyncIterator[tuple[ASGIApp, httpx.AsyncClient, str]]:
    """Give an application that has something to tell, one who looks, and a report's id; one place is free."""
    history = History(database, keep_ticks=timedelta(days=3), keep_hours=timedelta(days=180))
    now = datetime.now(UTC)
    await history.record([(summary(feature(), at=now), np.zeros(3))])
    report = await request(database, "anna", now)
    await finish(database, report, Outcome(state="done", run_id="1", artifact="1/report.html"), now)
    places = Places(1, "large answers are on their way", again=timedelta(seconds=5))
    async with (
        await asyncio.start_server(hand_out, "127.0.0.1", 0) as mlflow,
        made(
            folder,
            database=database,
            kafka=KAFKA,
            champion=champion,
            large=LargeAnswers(places, sent_within=within),
            mlflow=f"http://127.0.0.1:{mlflow.sockets[0].getsockname()[1]}",
        ) as (application, _),
        httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://monitoring") as client,
    ):
        yield application, client, report


async def hand_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as MLflow does where it keeps a page."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
    await writer.drain()
    writer.close()


def scope_of(path: str) -> Scope:
    """Return a request as a server hands it to an application."""
    told = {"type": "http", "method": "GET", "path": path, "query_string": b"", "http_version": "1.1"}
    return told | {"asgi": {"version": "3.0"}, "headers": [(b"host", b"monitoring")]}


async def nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.postgres
@pytest.mark.parametrize("path", LARGE)
async def test_a_place_is_held_until_the_answer_is_read(
    tmp_path: Path, database: Database, champion: Champion, path: str
) -> None:
    async with looking(tmp_path, database, champion) as (application, client, report):
        begun, reads = asyncio.Event(), asyncio.Event()

        async def send(_: Message) -> None:
            begun.set()
            await reads.wait()

        asked = f"/v1/{path.format(report=report)}"
        reading = asyncio.ensure_future(application(scope_of(asked), nothing, send))
        await begun.wait()
        refused = await client.get(asked)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["detail"] == (
            "1 large answers are on their way, which is the most; try again in 5 seconds."
        )
        assert (await client.get("/v1/summary")).status_code == 200
        reads.set()
        await reading
        assert (await client.get(asked)).status_code == 200


@pytest.mark.postgres
@pytest.mark.parametrize("path", LARGE)
async def test_who_reads_nothing_gives_the_place_up(
    tmp_path: Path, database: Database, champion: Champion, path: str
) -> None:
    within = timedelta(milliseconds=1)
    async with looking(tmp_path, database, champion, within=within) as (application, client, report):

        async def send(_: Message) -> None:
            await asyncio.Event().wait()

        asked = f"/v1/{path.format(report=report)}"
        await application(scope_of(asked), nothing, send)
        assert (await client.get(asked)).status_code == 200


@pytest.mark.postgres
@pytest.mark.parametrize("path", LARGE)
async def test_a_large_answer_is_the_same_packed_and_as_it_is(
    tmp_path: Path, database: Database, champion: Champion, path: str
) -> None:
    async with looking(tmp_path, database, champion) as (_, client, report):
        answers = [
            await client.get(f"/v1/{path.format(report=report)}", headers={"Accept-Encoding": packing})
            for packing in ("gzip", "identity")
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert [answer.headers.get("Content-Encoding") for answer in answers] == [
        "gzip" if len(answers[0].content) >= 1_000 else None,
        None,
    ]
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in answers)
    if path.startswith("reports"):
        assert answers[0].content == PAGE
        assert "sandbox" in answers[0].headers["Content-Security-Policy"]
