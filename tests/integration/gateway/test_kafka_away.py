"""The gateway while Kafka is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from tests.engine import free_port
from tests.integration.gateway.scene import answering, deciding, running_gateway

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def post(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.post("/v1/applications", json={"application": SMALLEST_APPLICATION}, headers=headers)


@asynccontextmanager
async def door(port: int, bootstrap: str) -> AsyncIterator[None]:
    """Let clients that come to `port` in to Kafka: what they are told there leads them past the door."""
    host, _, broker_port = bootstrap.partition(",")[0].rpartition(":")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kafka_reader, kafka_writer = await asyncio.open_connection(host, int(broker_port))
        # Closed also where the test ends first, and whoever waits here is cancelled.
        with closing(writer), closing(kafka_writer):
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, kafka_writer))
                group.create_task(_copy(kafka_reader, writer))

    async with await asyncio.start_server(pass_on, "127.0.0.1", port):
        yield


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_it_starts_without_kafka_and_becomes_ready_when_kafka_comes(
    tmp_path: Path, bootstrap: str, database_url: str
) -> None:
    port = free_port()
    kafka = f"127.0.0.1:{port}"
    async with running_gateway(tmp_path, kafka=kafka, database=database_url, ready=False) as client:
        answer = await post(client, Prefer="wait=20")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        async with door(port, bootstrap), deciding(bootstrap):
            await answering(client, "/health/ready")
            assert (await post(client, Prefer="wait=20")).status_code == 200
