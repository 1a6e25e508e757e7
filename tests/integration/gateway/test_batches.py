"""Files of applications, with Kafka and PostgreSQL."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from services.contracts.topics import APPLICATIONS, DEAD_LETTERS
from services.gateway.batch_part import TOLD_ROWS, application_id
from services.gateway.batch_results import NOT_VALID
from tests.engine import free_port
from tests.integration.gateway.batch_scene import (
    BATCHES,
    COLUMNS,
    chunks,
    file_of,
    finished,
    good_file,
    line,
    look,
    names_on_topic,
    reached,
    results,
    send,
    sent,
)
from tests.integration.gateway.scene import Bookkeeper, deciding, keeping, running_gateway
from tests.integration.gateway.test_gateway import submitted

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.usefixtures("no_batches")]


@pytest.fixture
async def engine(bootstrap: str, ledger: Bookkeeper) -> AsyncIterator[None]:
    """Let applications be decided and recorded."""
    async with deciding(bootstrap), keeping(bootstrap, ledger):
        yield


async def body(content: bytes, size: int) -> AsyncIterator[bytes]:
    for chunk in chunks(content, size):
        yield chunk


@pytest.mark.usefixtures("engine")
async def test_a_file_is_decided_row_by_row(client: httpx.AsyncClient) -> None:
    lines = [line(number, bad=number in {3, 700}) for number in range(1, 1201)]
    lines[9] = ("10", "96000.0")
    batch = await sent(client, body(file_of(lines), 777))
    assert (batch["state"], batch["rows"], batch["invalid"]) == ("running", 1200, 3)
    done = await finished(client, batch)
    assert (done["handed_in"], done["decided"], done["approved"]) == (1197, 1197, 1197)
    assert "finished_at" in done
    bands = {band["from"]: band["approved"] for band in done["score_histogram"] if band["approved"]}
    assert (bands, len(done["score_histogram"])) == ({625: 1197}, 22)

    told = await results(client, batch)
    assert [int(row["row"]) for row in told] == list(range(1, 1201))
    assert [int(row["row"]) for row in told if row["error"]] == [3, 10, 700]
    assert told[2]["error"].startswith("AMT_CREDIT: Input should be greater than 0")
    assert told[9]["error"] == "row: Has 2 cells, the header has 6"
    assert (told[0]["SK_ID_CURR"], told[0]["outcome"], told[0]["score"]) == ("1", "approved", "641")
    assert told[0]["application_id"] == f"{batch['batch_id']}.00000001"
    assert told[0]["reasons"].startswith("External credit scores are good | ")
    application = (await client.get(f"/v1/applications/{told[11]['application_id']}")).json()
    assert (application["state"], application["channel"]) == ("decided", "batch")


@pytest.mark.usefixtures("engine")
async def test_errors_are_told_page_by_page(client: httpx.AsyncClient) -> None:
    batch = await sent(client, file_of([line(number, bad=True) for number in range(1, 8)]))
    assert (batch["state"], batch["invalid"], batch["decided"]) == ("done", 7, 0)
    address = f"{BATCHES}/{batch['batch_id']}/errors"
    first = (await client.get(address, params={"limit": 4})).json()["errors"]
    rest = (await client.get(address, params={"after": first[-1]["row"]})).json()["errors"]
    assert [error["row"] for error in first + rest] == list(range(1, 8))
    assert {error["field"] for error in first} == {"AMT_CREDIT"}


@pytest.mark.usefixtures("engine")
async def test_errors_are_kept_of_the_first_rows_and_all_rows_counted(client: httpx.AsyncClient) -> None:
    rows, bad = range(1, 1601), [row for row in range(1, 1601) if row % 4]
    batch = await sent(client, file_of([line(row, bad=row in bad) for row in rows]))
    done = await finished(client, batch)
    assert (done["rows"], done["invalid"], done["decided"]) == (1600, 1200, 400)
    address = f"{BATCHES}/{batch['batch_id']}/errors"
    errors = (await client.get(address, params={"limit": 1000})).json()["errors"]
    assert [error["row"] for error in errors] == bad[:TOLD_ROWS]
    assert (await client.get(address, params={"after": bad[TOLD_ROWS - 1]})).json()["errors"] == []
    told = {int(row["row"]): row for row in await results(client, batch)}
    assert list(told) == list(rows)
    assert [row for row, said in told.items() if said["error"].startswith("AMT_CREDIT: ")] == bad[:TOLD_ROWS]
    assert [row for row, said in told.items() if said["error"] == NOT_VALID] == bad[TOLD_ROWS:]


@pytest.mark.usefixtures("engine")
async def test_without_the_loans_numbers_the_rows_count(client: httpx.AsyncClient) -> None:
    batch = await sent(client, file_of([line(1)[1:], line(2)[1:]], COLUMNS[1:]))
    await finished(client, batch)
    assert [row["SK_ID_CURR"] for row in await results(client, batch)] == ["1", "2"]


async def test_wrong_columns_are_all_named_and_nothing_is_kept(client: httpx.AsyncClient) -> None:
    before = (await client.get(BATCHES)).json()
    columns = ("SK_ID_CURR", "AMT_INCOME_TOTAL", "COLOUR", "SHAPE", "TARGET", "EXT_SOURCE_2", "EXT_SOURCE_2")
    answer = await send(client, file_of([], columns))
    assert answer.status_code == 422
    assert {(error["field"], error["message"]) for error in answer.json()["errors"]} == {
        ("AMT_CREDIT", "Column is missing"),
        ("DAYS_BIRTH", "Column is missing"),
        ("COLOUR", "Unknown column"),
        ("SHAPE", "Unknown column"),
        ("EXT_SOURCE_2", "Column is there twice"),
    }
    assert (await client.get(BATCHES)).json() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Has no rows"),
        (file_of([]), "Has no rows"),
        (b"AMT_CREDIT;AMT_INCOME_TOTAL;DAYS_BIRTH\n1;2;3\n", "Has one column"),
        (b"\xff\xfe\x00", "Is not UTF-8"),
        (file_of([line(1)]) + b'"' + b"1\n" * 600_000, "has more than"),
    ],
)
async def test_what_is_no_file_of_applications_is_422(
    client: httpx.AsyncClient, content: bytes, said: str
) -> None:
    before = (await client.get(BATCHES)).json()
    answer = await send(client, content)
    assert answer.status_code == 422
    assert any(said.lower() in error["message"].lower() for error in answer.json()["errors"])
    assert (await client.get(BATCHES)).json() == before


@pytest.mark.usefixtures("engine")
async def test_rows_of_any_width_are_counted_and_hold_nothing_up(client: httpx.AsyncClient) -> None:
    wide = [("1,2," * 15_000).split(",")] * 40
    batch = await sent(client, body(file_of([line(1), *wide, line(42), *wide, line(83)]), 65_536))
    done = await finished(client, batch)
    assert (done["rows"], done["invalid"], done["decided"]) == (83, 80, 3)
    told = {int(row["row"]): row for row in await results(client, batch)}
    assert [row for row, said in told.items() if not said["error"]] == [1, 42, 83]
    assert told[2]["error"] == "row: Has 30001 cells, the header has 6"


async def test_files_are_read_a_few_at_a_time(tmp_path: Path, bootstrap: str, database_url: str) -> None:
    limits: dict[str, Any] = {"files_in_flight": 1, "retry_after": 1}
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url, **limits) as client:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield good_file(1)
            begun.set()
            await go_on.wait()

        async with asyncio.TaskGroup() as group:
            first = group.create_task(send(client, slow()))
            await begun.wait()
            # Nothing of its body is read, and its client is told so all the same.
            answers = [
                await send(client, content) for content in (good_file(1), body(good_file(40_000), 65_536))
            ]
            go_on.set()
        assert [answer.status_code for answer in answers] == [503, 503]
        assert [answer.headers["Retry-After"] for answer in answers] == ["1", "1"]
        assert first.result().status_code == 202
        assert (await send(client, good_file(1))).status_code == 202


async def test_another_form_is_415_and_a_long_name_422(client: httpx.AsyncClient) -> None:
    assert (await client.post(BATCHES, json=[])).status_code == 415
    assert (await send(client, good_file(1), name="x" * 201)).status_code == 422
    assert (await client.get(f"{BATCHES}/b-unknown")).status_code == 404
    assert (await client.get(f"{BATCHES}/b-%00")).status_code == 404
    assert (await client.get(BATCHES, params={"limit": 0})).status_code == 422


async def test_a_file_that_is_too_large_is_413(tmp_path: Path, bootstrap: str, database_url: str) -> None:
    limits: dict[str, Any] = {"largest_file": 100_000}
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url, **limits) as client:
        for content in (good_file(4000), body(good_file(4000), 60_000)):
            # The rest is not read and the connection closed, so the answer may not be seen.
            with suppress(httpx.TransportError):
                answer = await send(client, content, name="too large")
                assert answer.status_code == 413
        kept = (await client.get(BATCHES)).json()["batches"]
        assert [batch for batch in kept if batch["name"] == "too large"] == []


@pytest.mark.usefixtures("engine")
async def test_the_same_file_again_is_the_same_batch(client: httpx.AsyncClient, name: str) -> None:
    first = await send(client, good_file(600), **{"Idempotency-Key": name})
    again = await send(client, good_file(600), **{"Idempotency-Key": name})
    assert again.status_code == 202
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["batch_id"] == first.json()["batch_id"]
    assert (await send(client, good_file(601), **{"Idempotency-Key": name})).status_code == 409
    assert (await finished(client, first.json()))["decided"] == 600


async def test_no_more_than_a_limit_is_in_flight_and_the_rest_can_be_cancelled(
    tmp_path: Path, bootstrap: str, database_url: str, ledger: Bookkeeper
) -> None:
    limits: dict[str, Any] = {"batch_in_flight": 1000, "batch_look_every": 0.1}
    async with running_gateway(tmp_path, kafka=bootstrap, database=database_url, **limits) as client:
        # Nobody decides, so what is in flight stays so.
        batch = await reached(client, await sent(client, good_file(3000)), handed_in=1000)
        cancelled = (await client.post(f"{BATCHES}/{batch['batch_id']}:cancel")).json()
        assert (cancelled["state"], cancelled["handed_in"]) == ("cancelled", 1000)
        again = (await client.post(f"{BATCHES}/{batch['batch_id']}:cancel")).json()
        assert again["finished_at"] == cancelled["finished_at"]
        told = await results(client, batch)
        assert Counter(row["error"] for row in told) == {"": 1000, "cancelled": 2000}
        await decide_all(bootstrap, ledger, batch["batch_id"])
        assert (await look(client, batch))["decided"] == 1000


async def decide_all(bootstrap: str, ledger: Bookkeeper, batch_id: str) -> None:
    """Decide and record what a batch has on the topic."""
    async with AsyncExitStack() as stack:
        reader = AIOKafkaConsumer(
            APPLICATIONS.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
        )
        await stack.enter_async_context(reader)
        found: set[str] = set()
        while len(found) < 1000:
            record = await reader.getone()
            name = record.key.decode()
            if name.startswith(batch_id):
                found.add(name)
                await ledger.decide(name)


async def test_a_row_that_a_stage_refuses_is_told_and_holds_nothing_up(
    client: httpx.AsyncClient, ledger: Bookkeeper
) -> None:
    batch = await reached(client, await sent(client, good_file(2)), handed_in=2)
    first, second = (f"{batch['batch_id']}.0000000{row}" for row in (1, 2))
    await ledger.decide(first)
    await ledger.write_dead_letter(DEAD_LETTERS.name, submitted(second), "KeyError: 'AMT_CREDIT'")
    done = await finished(client, batch)
    assert (done["decided"], done["invalid"]) == (1, 1)
    assert [row["error"] for row in await results(client, batch)] == [
        "",
        "application: KeyError: 'AMT_CREDIT'",
    ]


async def test_a_row_that_a_stage_refused_may_be_replayed_and_decided(
    client: httpx.AsyncClient, ledger: Bookkeeper
) -> None:
    batch = await reached(client, await sent(client, good_file(1)), handed_in=1)
    name = application_id(batch["batch_id"], 1)
    await ledger.write_dead_letter(DEAD_LETTERS.name, submitted(name), "KeyError: 'AMT_CREDIT'")
    await finished(client, batch)
    await ledger.decide(name)
    assert [(row["outcome"], row["error"]) for row in await results(client, batch)] == [("approved", "")]


async def test_decisions_under_ids_between_those_of_rows_are_not_counted(
    client: httpx.AsyncClient, ledger: Bookkeeper
) -> None:
    batch = await reached(client, await sent(client, good_file(12)), handed_in=12)
    for end in ("00000001x", "00000002.00000003", "0000001-", "00000005:"):
        await ledger.decide(f"{batch['batch_id']}.{end}")
    assert (await look(client, batch))["decided"] == 0
    for row in range(1, 12):
        await ledger.decide(application_id(batch["batch_id"], row))
    # A batch that has come to its end later tells that this one was looked at meanwhile.
    other = await reached(client, await sent(client, good_file(1)), handed_in=1)
    await ledger.decide(application_id(other["batch_id"], 1))
    await finished(client, other)
    assert (await look(client, batch))["state"] == "running"
    await ledger.decide(application_id(batch["batch_id"], 12))
    assert (await finished(client, batch))["decided"] == 12


async def test_dead_letters_under_ids_between_those_of_rows_hold_nothing_up(
    client: httpx.AsyncClient, ledger: Bookkeeper
) -> None:
    batch = await reached(client, await sent(client, good_file(12)), handed_in=12)
    for end in ("00000001x", "0000001.", "00000003.00000004", "00000012"):
        stray = submitted(f"{batch['batch_id']}.{end}")
        await ledger.write_dead_letter(DEAD_LETTERS.name, stray, "KeyError: 'AMT_CREDIT'")
    for row in range(1, 12):
        await ledger.decide(application_id(batch["batch_id"], row))
    done = await finished(client, batch)
    assert (done["decided"], done["invalid"]) == (11, 1)
    assert [int(row["row"]) for row in await results(client, batch) if row["error"]] == [12]


@pytest.mark.usefixtures("engine")
async def test_gateways_share_a_batch_and_hand_in_no_row_twice(
    tmp_path: Path, bootstrap: str, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        clients = []
        for number in range(3):
            folder = tmp_path / str(number)
            folder.mkdir()
            running = running_gateway(folder, kafka=bootstrap, database=database_url, batch_look_every=0.05)
            clients.append(await stack.enter_async_context(running))
        batch = await sent(clients[0], good_file(6000))
        done = await finished(clients[1], batch)
        assert done["decided"] == 6000
    names = await names_on_topic(bootstrap, batch["batch_id"])
    assert (len(names), set(names.values())) == (6000, {1})


async def test_batches_take_turns(client: httpx.AsyncClient, bootstrap: str, ledger: Bookkeeper) -> None:
    async with deciding(bootstrap), keeping(bootstrap, ledger):
        long = await sent(client, good_file(20_000))
        short = await sent(client, good_file(600))
        await finished(client, short)
        assert (await look(client, long))["state"] == "running"
        await client.post(f"{BATCHES}/{long['batch_id']}:cancel")


async def test_uploads_are_503_while_postgres_is_away(tmp_path: Path, bootstrap: str) -> None:
    nowhere = f"postgresql://octroi:none@127.0.0.1:{free_port()}/octroi"
    async with running_gateway(tmp_path, kafka=bootstrap, database=nowhere) as client:
        answer = await send(client, good_file(2000))
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.usefixtures("engine")
async def test_metrics_tell_of_batches(client: httpx.AsyncClient) -> None:
    await finished(client, await sent(client, good_file(5)))
    metrics = (await client.get("/metrics")).text
    assert "octroi_batch_rows_handed_in_total 5.0" in metrics
    assert "octroi_batches_running" in metrics
