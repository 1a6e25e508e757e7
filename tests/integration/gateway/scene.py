"""A gateway as it runs, and around it what the other services do, cut down to a few lines."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.contracts.codec import Encoded, encode
from services.contracts.event import Event
from services.contracts.events import ApplicationDecided
from services.contracts.examples import EXAMPLES
from services.contracts.topics import APPLICATIONS, DECISIONS
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import Gateway
from services.kit.consumer import as_records
from services.kit.database_settings import DatabaseSettings
from services.kit.kafka_settings import KafkaSettings
from services.kit.key_file import Role, make_key, write_keys
from services.kit.records import Partition, Record
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler, Row
from services.ledger.metrics import LedgerMetrics
from tests.engine import free_port


def decision(application_id: str, **changes: object) -> Encoded:
    example = EXAMPLES["ApplicationDecided.v1"][0]
    event = ApplicationDecided.model_validate({**example, "application_id": application_id, **changes})
    return encode(event, event_id=f"decision-{application_id}", source="octroi/scoring")


@asynccontextmanager
async def running_gateway(
    folder: Path, *, kafka: str, database: str, ready: bool = True, **settings: object
) -> AsyncIterator[httpx.AsyncClient]:
    """Run a gateway and give a client with a key; by default once it is ready.

    It waits for the ledger's answer for longer than it would for clients: the machine may be busy.
    """
    shown, kept = make_key(Role.SUBMIT, Role.READ, now=datetime.now(UTC))
    keys = folder / "keys.json"
    write_keys(keys, [kept])
    port = free_port()
    gateway = Gateway(
        settings=GatewaySettings.model_validate(
            {"api_keys_file": keys, "port": port, "lookup_within": 20, **settings}
        ),
        kafka=KafkaSettings(bootstrap_servers=kafka),
        database=DatabaseSettings(url=SecretStr(database)),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(gateway.run(stop))
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": shown}, timeout=30
        ) as client:
            await answering(client, "/health/ready" if ready else "/health/live")
            yield client
    finally:
        stop.set()
        await running


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, not for a time; a test that hangs fails."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - any condition, also where nobody tells of it
            await asyncio.sleep(0.02)


async def answering(
    client: httpx.AsyncClient, path: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> None:
    """Wait until a path is answered with a status: a probe is green, for one."""
    async with asyncio.timeout(60):
        while True:
            with suppress(httpx.TransportError):
                if (await client.get(path, headers=headers)).status_code == status:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def deciding(bootstrap: str) -> AsyncIterator[None]:
    """Decide every application that comes in from now on, as feature and scoring do."""
    applications = AIOKafkaConsumer(
        APPLICATIONS.name, bootstrap_servers=bootstrap, auto_offset_reset="latest"
    )
    decisions = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    async with applications, decisions:
        await applications.seek_to_end()
        for partition in applications.assignment():
            await applications.position(partition)
        task = asyncio.create_task(_decide(applications, decisions))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def keeping(bootstrap: str, ledger: "Bookkeeper") -> AsyncIterator[None]:
    """Write applications and decisions into the ledger from now on, as the ledger service does."""
    reader = AIOKafkaConsumer(
        APPLICATIONS.name, DECISIONS.name, bootstrap_servers=bootstrap, auto_offset_reset="latest"
    )
    async with reader:
        await reader.seek_to_end()
        for partition in reader.assignment():
            await reader.position(partition)
        task = asyncio.create_task(_keep(reader, ledger))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep(reader: AIOKafkaConsumer, ledger: "Bookkeeper") -> None:
    while True:
        batches = await reader.getmany(timeout_ms=100)
        records = [
            record for place, raws in batches.items() for record in as_records(Partition(*place), raws)
        ]
        if records:
            await ledger.write_records(records)


async def _decide(applications: AIOKafkaConsumer, decisions: AIOKafkaProducer) -> None:
    async for record in applications:
        made = decision(record.key.decode())
        await decisions.send(DECISIONS.name, made.value, key=made.key, headers=list(made.headers))


class Bookkeeper:
    """Writes events into the ledger as the ledger service does."""

    def __init__(self, database: str) -> None:
        self._book = Book(DatabaseSettings(url=SecretStr(database)), LedgerMetrics(CollectorRegistry()))
        self._handler = LedgerHandler()
        self._offset = 0

    async def write(self, topic: str, *events: Event) -> None:
        encoded = [
            encode(event, event_id=f"e-{number}", source="test") for number, event in enumerate(events)
        ]
        await self.write_records([self._record(topic, each) for each in encoded])

    async def decide(self, application_id: str) -> None:
        """Write a decision on an application, whether it is there or not."""
        await self.write_records([self._record(DECISIONS.name, decision(application_id))])

    async def write_dead_letter(self, topic: str, event: Event, error: str) -> None:
        encoded = encode(event, event_id="e-0", source="test")
        headers = (("octroi_stage", b"feature"), ("octroi_error", error.encode()))
        await self.write_records([self._record(topic, encoded, headers)])

    async def write_records(self, records: Sequence[Record]) -> None:
        rows: list[Row] = []
        for result in self._handler(records):
            rows += getattr(result, "items", ())
        assert rows
        await self._book.write(rows)

    def _record(self, topic: str, encoded: Encoded, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
        self._offset += 1
        now = int(datetime.now(UTC).timestamp() * 1000)
        # Positions of dead letters are unique in the ledger, whichever test writes them.
        partition = Partition(topic, free_port())
        return Record(partition, self._offset, now, encoded.key, encoded.value, encoded.headers + headers)

    async def close(self) -> None:
        await self._book.close()
