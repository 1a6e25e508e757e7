"""What monitoring's own parts are asked does not grow with the number of those who look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.kit.database import create_database
from services.kit.database_settings import DatabaseSettings
from services.kit.settings import KafkaSettings
from services.monitoring.champion import Champion, Watched
from services.scorecard.policy import load_policy
from tests.fuzz.scenes import served
from tests.integration.kit.waiting import until
from tests.integration.monitoring.interface import interface, made
from tests.models import small_bundle
from tests.unit.gateway.fakes import NOWHERE
from tests.unit.monitoring.population import champion_of

CROWD = 30
FEW = 5
"""A look may try more than once."""


class Part:
    """Where Kafka or PostgreSQL would be: counts who comes, and sends them away."""

    def __init__(self) -> None:
        self.came = 0

    async def take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        # Long enough for all of a crowd to be there.
        await asyncio.sleep(0.2)
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
    database = create_database(DatabaseSettings(url=SecretStr(f"postgresql://octroi:none@{place}/octroi")))
    turns = count()
    async with interface(
        tmp_path,
        database=database,
        kafka=kafka,
        champion=champion,
        stopping=lambda: next(turns) >= CROWD,
    ) as client:
        answers = await asyncio.gather(*(client.get(f"/v1/{path}") for _ in range(CROWD)))
    await database.dispose()
    assert {answer.status_code for answer in answers} == {503 if path == "performance" else 200}
    assert 0 < asked.came <= FEW


async def test_streams_have_a_limit_and_one_that_ends_makes_room(tmp_path: Path, champion: Champion) -> None:
    database = create_database(NOWHERE)
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
    await database.dispose()
