"""Batches while something is away, or after a gateway has died."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.contracts.examples import SMALLEST_APPLICATION
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, TRIAL_DECISIONS, TRIALS
from services.gateway.batch_claims import Claims
from services.gateway.batch_intake import Intake, Upload
from services.gateway.batch_part import application_id
from services.gateway.batch_store import BatchStore
from services.kit.database import Database, rows_of
from services.kit.database_settings import DatabaseSettings
from tests.engine import free_port
from tests.integration.gateway.batch_scene import (
    BATCHES,
    chunks,
    good_file,
    look,
    names_on_topic,
    reached,
    results,
    send,
    sent,
)
from tests.integration.gateway.scene import Bookkeeper, decision, running_gateway, until
from tests.integration.gateway.test_gateway import submitted
from tests.integration.kit.topics import make_topics
from tests.parts import OwnKafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.usefixtures("no_batches")]
SENT = 200


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[BatchStore]:
    database = Database(DatabaseSettings(url=SecretStr(database_url)))
    yield BatchStore(database, within=10)
    await database.close()


class CrashError(Exception):
    """Stands for the end of the process: the transaction is not committed."""


async def body(content: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks(content, 10_000):
        yield chunk


async def kept(store: BatchStore, rows: int) -> str:
    """Keep a file that no gateway knows of yet, and return the batch's id."""
    intake = Intake(store, lambda: (), lambda: None)
    received = await intake.receive(body(good_file(rows)), Upload("mine", None))
    return received.batch.batch_id


async def publish(bootstrap: str, names: Sequence[str]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    async with producer:
        for name in names:
            value = submitted(name).model_dump_json(exclude_none=True).encode()
            await producer.send(APPLICATIONS.name, value, key=name.encode())


async def test_what_a_dead_gateway_had_sent_is_not_sent_again(
    tmp_path: Path, bootstrap: str, database_url: str, store: BatchStore
) -> None:
    batch_id = await kept(store, 700)
    claims = Claims(store)
    with suppress(CrashError):
        async with claims.claimed(batch_id) as claim:
            assert claim is not None
            assert claim.tried is None
            await publish(bootstrap, [application_id(batch_id, row) for row, _ in claim.rows[:SENT]])
            raise CrashError
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url) as client:
        await reached(client, {"batch_id": batch_id}, handed_in=700)
    names = await names_on_topic(bootstrap, batch_id)
    assert (len(names), set(names.values())) == (700, {1})


async def test_a_row_that_is_decided_and_not_recorded_waits_for_the_ledger(
    tmp_path: Path, bootstrap: str, database_url: str, store: BatchStore, ledger: Bookkeeper
) -> None:
    batch = {"batch_id": await kept(store, 3)}
    rows = [application_id(batch["batch_id"], row) for row in (1, 2, 3)]
    with capture_logs() as logs:
        async with AsyncExitStack() as stack:
            # Nobody else hands the part in before the gateway has seen the decision.
            async with Claims(store).claimed(batch["batch_id"]) as claim:
                assert claim is not None
                running = running_gateway(tmp_path, kafka=bootstrap, database=database_url, retry_after=1)
                client = await stack.enter_async_context(running)
                await seen(client, bootstrap, rows[0])
            await until(lambda: any(rows[0] in entry.get("error", "") for entry in logs))
            assert (await look(client, batch))["handed_in"] == 0
            await ledger.write(APPLICATIONS.name, submitted(rows[0], application=claim.rows[0][1]))
            await reached(client, batch, handed_in=3)
    assert await names_on_topic(bootstrap, batch["batch_id"]) == Counter(rows[1:])


async def seen(client: httpx.AsyncClient, bootstrap: str, decided: str) -> None:
    """Return when the gateway has seen a decision on `decided`, for it has seen one that came after it."""
    name = f"after-{decided}"
    application = {"application_id": name, "application": SMALLEST_APPLICATION}
    assert (await client.post("/v1/applications", json=application)).status_code == 202
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for made in (decision(decided), decision(name)):
            await producer.send_and_wait(
                DECISIONS.name, made.value, key=made.key, headers=list(made.headers), partition=0
            )
    answer = await client.post("/v1/applications", json=application, headers={"Prefer": "wait=20"})
    assert answer.status_code == 200


async def test_a_part_has_one_owner_and_is_free_again_after_a_crash(store: BatchStore) -> None:
    batch_id = await kept(store, 1200)
    claims = Claims(store)
    async with claims.claimed(batch_id) as one, claims.claimed(batch_id) as other:
        assert one is not None
        assert other is not None
        assert (one.number, other.number) == (0, 1)
    async with claims.claimed(batch_id) as again:
        assert again is not None
        assert again.number == 0
        assert again.tried is not None
    assert await claims.open_batches() == [batch_id]
    await store.cancel(batch_id)
    assert await claims.open_batches() == []
    async with claims.claimed(batch_id) as nothing:
        assert nothing is None


async def test_a_part_in_hands_while_its_batch_is_cancelled_is_handed_in(store: BatchStore) -> None:
    batch_id = await kept(store, 1200)
    claims = Claims(store)
    async with claims.claimed(batch_id) as claim:
        assert claim is not None
        await store.cancel(batch_id)
        await claim.handed_in([])
    batch = await store.required(batch_id)
    assert (batch.state, batch.handed_in) == ("cancelled", 500)


async def test_what_a_crash_leaves_of_a_cancelled_batch_is_dropped(store: BatchStore) -> None:
    batch_id = await kept(store, 600)
    claims = Claims(store)
    with suppress(CrashError):
        async with claims.claimed(batch_id):
            await store.cancel(batch_id)
            raise CrashError
    await claims.tidy()
    async with claims.claimed(batch_id) as nothing:
        assert nothing is None


async def test_a_client_that_leaves_leaves_nothing(store: BatchStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield good_file(2000)
        raise asyncio.CancelledError

    intake = Intake(store, lambda: (), lambda: None)
    before = await store.newest(200)
    with pytest.raises(asyncio.CancelledError):
        await intake.receive(broken(), Upload("mine", None))
    async with store.transaction() as connection:
        left = "SELECT batch_id FROM gateway.batches WHERE state = 'receiving'"
        assert await rows_of(connection, left, {}) == []
    assert [batch.batch_id for batch in await store.newest(200)] == [batch.batch_id for batch in before]


async def test_of_two_files_under_one_key_at_a_time_one_is_kept(store: BatchStore, name: str) -> None:
    intake = Intake(store, lambda: (), lambda: None)
    upload = Upload("mine", name)
    one, other = await asyncio.gather(*(intake.receive(body(good_file(1500)), upload) for _ in range(2)))
    assert one.batch.batch_id == other.batch.batch_id
    assert sorted([one.replayed, other.replayed]) == [False, True]


async def test_a_row_whose_id_another_application_has_is_told_as_an_error(
    tmp_path: Path, bootstrap: str, database_url: str, store: BatchStore, ledger: Bookkeeper
) -> None:
    batch = {"batch_id": await kept(store, 3)}
    first, second, third = (application_id(batch["batch_id"], row) for row in (1, 2, 3))
    await ledger.write(APPLICATIONS.name, submitted(first))
    await ledger.decide(first)
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url) as client:
        await reached(client, batch, handed_in=3)
        await ledger.decide(second)
        assert (await look(client, batch))["decided"] == 1
        await ledger.decide(third)
        done = await reached(client, batch, state="done")
        assert (done["decided"], done["invalid"]) == (2, 1)
        told = await results(client, batch)
    assert [row["outcome"] for row in told] == ["", "approved", "approved"]
    assert told[0]["error"].startswith("row: Another application was handed in")


async def test_a_batch_that_cannot_be_settled_holds_up_no_other(
    client: httpx.AsyncClient, database_url: str, ledger: Bookkeeper
) -> None:
    held_up = await reached(client, await sent(client, good_file(1)), handed_in=1)
    # One more would be out of range.
    await execute(database_url, "UPDATE gateway.batches SET invalid = 2147483647")
    name = application_id(held_up["batch_id"], 1)
    with capture_logs() as logs:
        await ledger.write_dead_letter(DEAD_LETTERS.name, submitted(name), "KeyError: 'AMT_CREDIT'")
        async with asyncio.timeout(60):
            while "batch_not_settled" not in {entry["event"] for entry in logs}:  # noqa: ASYNC110 - it is logged
                await asyncio.sleep(0.05)
        other = await reached(client, await sent(client, good_file(1)), handed_in=1)
        await ledger.decide(application_id(other["batch_id"], 1))
        await reached(client, other, state="done")
    failed = [entry for entry in logs if entry["event"] == "batch_not_settled"]
    assert {entry["batch_id"] for entry in failed} == {held_up["batch_id"]}
    assert (await look(client, held_up))["state"] == "running"
    await execute(database_url, "UPDATE gateway.batches SET invalid = 0")
    assert (await reached(client, held_up, state="done"))["invalid"] == 1


async def execute(database_url: str, statement: LiteralString) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(statement)


async def test_a_batch_goes_on_when_kafka_is_back(
    tmp_path: Path, own_kafka: OwnKafka, database_url: str, ledger: Bookkeeper
) -> None:
    topics = [topic.name for topic in (APPLICATIONS, DECISIONS, TRIALS, TRIAL_DECISIONS)]
    await make_topics(own_kafka.bootstrap, *topics)
    limits = {"batch_in_flight": 500, "retry_after": 1}
    async with running_gateway(
        tmp_path,
        kafka=own_kafka.bootstrap,
        database=database_url,
        **limits,  # type: ignore[arg-type]
    ) as client:
        batch = await reached(client, await sent(client, good_file(1000)), handed_in=500)
        await asyncio.to_thread(own_kafka.running.kill)
        for row in range(1, 501):
            await ledger.decide(application_id(batch["batch_id"], row))
        await until_refused(client)
        assert (await look(client, batch))["handed_in"] == 500
        await asyncio.to_thread(own_kafka.running.start)
        await reached(client, batch, handed_in=1000)
    names = await names_on_topic(own_kafka.bootstrap, batch["batch_id"])
    assert set(names) == {application_id(batch["batch_id"], row) for row in range(1, 1001)}


async def until_refused(client: httpx.AsyncClient) -> None:
    """Return when the gateway takes no files, for Kafka is away."""
    async with asyncio.timeout(60):
        while (answer := await send(client, good_file(1), name="refused")).status_code != 503:
            await client.post(f"{BATCHES}/{answer.json()['batch_id']}:cancel")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_a_batch_waits_for_postgres_and_the_gateway_serves_meanwhile(
    tmp_path: Path, bootstrap: str
) -> None:
    nowhere = f"postgresql://octroi:none@127.0.0.1:{free_port()}/octroi"
    async with running_gateway(tmp_path, kafka=bootstrap, database=nowhere) as client:
        assert (await client.get(BATCHES)).status_code == 503
        assert (await client.get("/health/ready")).status_code == 200
