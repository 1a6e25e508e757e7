"""The gateway with Kafka and PostgreSQL."""

import json
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from services.contracts.application import LoanApplication
from services.contracts.codec import attribute, decode
from services.contracts.events import ApplicationDecided, LoanApplicationSubmitted
from services.contracts.examples import APPLICATION, EXAMPLES, SMALLEST_APPLICATION
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS
from services.gateway.keys import main
from services.kit.key_file import read_keys
from tests.engine import free_port
from tests.integration.gateway.scene import Bookkeeper, answering, deciding, running_gateway

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
ADDRESS = "/v1/applications"
OTHER = {**SMALLEST_APPLICATION, "AMT_CREDIT": 1.0}


def submitted(name: str, **changes: object) -> LoanApplicationSubmitted:
    fields = {"application_id": name, "channel": "web", "application": APPLICATION, **changes}
    return LoanApplicationSubmitted.model_validate(fields)


def decided(name: str, **changes: object) -> ApplicationDecided:
    example = EXAMPLES["ApplicationDecided.v1"][0]
    return ApplicationDecided.model_validate({**example, "application_id": name, **changes})


async def post(client: httpx.AsyncClient, name: str | None = None, **headers: str) -> httpx.Response:
    body = {"application": APPLICATION, **({"application_id": name} if name else {})}
    return await client.post(ADDRESS, json=body, headers=headers)


async def test_what_is_accepted_is_on_the_topic(client: httpx.AsyncClient, bootstrap: str, name: str) -> None:
    reader = AIOKafkaConsumer(APPLICATIONS.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with reader:
        answer = await post(client, name, **{"X-Request-ID": "front-office:1"})
        assert answer.status_code == 202
        while (record := await reader.getone()).key != name.encode():
            pass
    event = decode(LoanApplicationSubmitted, record.value, record.headers)
    assert event.application == LoanApplication.model_validate(APPLICATION)
    assert attribute(record.headers, "ce_requestid") == "front-office:1"


async def test_a_decision_is_awaited(client: httpx.AsyncClient, bootstrap: str) -> None:
    async with deciding(bootstrap):
        for _ in range(5):
            answer = await post(client, Prefer="wait=20")
            assert answer.status_code == 200
            assert answer.json()["decision"]["outcome"] == "approved"


async def test_a_decision_that_does_not_come_is_202(client: httpx.AsyncClient) -> None:
    answer = await post(client, Prefer="wait=1")
    assert answer.status_code == 202
    assert (await client.get(answer.headers["Location"])).json()["state"] == "received"


async def test_what_another_gateway_accepted_is_known_from_the_ledger(
    client: httpx.AsyncClient, ledger: Bookkeeper, name: str
) -> None:
    await ledger.write(APPLICATIONS.name, submitted(name))
    again = await post(client, name)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    different = await client.post(ADDRESS, json={"application_id": name, "application": OTHER})
    assert different.status_code == 409

    await ledger.write(DECISIONS.name, decided(name))
    answer = await post(client, name)
    assert answer.status_code == 200
    assert answer.json()["decision"]["lineage"]["features"]["offset"] == 40871
    found = (await client.get(f"{ADDRESS}/{name}")).json()
    stated = {name: cell for name, cell in APPLICATION.items() if cell is not None}
    assert found.pop("application") == stated
    assert found == answer.json()


async def test_an_idempotency_key_stands_for_one_application(client: httpx.AsyncClient, name: str) -> None:
    first = await post(client, **{"Idempotency-Key": name})
    again = await post(client, **{"Idempotency-Key": name})
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_dead_letter_is_shown_and_the_application_may_come_again(
    client: httpx.AsyncClient, ledger: Bookkeeper, name: str
) -> None:
    await ledger.write(APPLICATIONS.name, submitted(name))
    await ledger.write_dead_letter(DEAD_LETTERS.name, submitted(name), "KeyError: 'AMT_CREDIT'")
    shown = (await client.get(f"{ADDRESS}/{name}")).json()
    assert (shown["state"], shown["failure"]["stage"]) == ("dead", "feature")
    stream = await client.get(f"{ADDRESS}/{name}/events")
    assert stream.text.count("event: ") == 2
    assert "event: dead" in stream.text
    again = await post(client, name)
    assert again.status_code == 202
    assert "Idempotency-Replayed" not in again.headers


async def test_events_are_streamed_until_the_decision(
    client: httpx.AsyncClient, bootstrap: str, name: str
) -> None:
    async with deciding(bootstrap):
        await post(client, name)
        async with client.stream("GET", f"{ADDRESS}/{name}/events") as stream:
            lines = [line async for line in stream.aiter_lines()]
    assert [line for line in lines if line.startswith("event: ")] == ["event: received", "event: decided"]
    resumed = await client.get(f"{ADDRESS}/{name}/events", headers={"Last-Event-ID": "decided"})
    assert resumed.status_code == 204


async def test_a_batch_with_bad_lines(client: httpx.AsyncClient, name: str) -> None:
    good = [{"application_id": f"{name}-{number}", "application": APPLICATION} for number in range(300)]
    lines = [json.dumps(line) for line in good]
    lines[100:100] = ["{", json.dumps({"application": {}})]
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await client.post(f"{ADDRESS}:batch", content="\n".join(lines), headers=headers)
    results = [json.loads(line) for line in answer.text.splitlines()]
    refused = [number for number, result in enumerate(results) if result["status"] == 422]
    assert refused == [100, 101]
    assert [result["application_id"] for result in results if result["status"] == 202] == [
        line["application_id"] for line in good
    ]


async def test_pages_and_filters(client: httpx.AsyncClient, ledger: Bookkeeper, name: str) -> None:
    channel = name[-20:]
    names = [f"{name}-{number}" for number in range(5)]
    moments = [
        "2026-04-01T09:00:00Z",
        "2026-04-01T09:00:00Z",
        *(f"2026-04-0{day}T00:00:00Z" for day in (2, 3, 4)),
    ]
    events = [
        submitted(each, channel=channel, submitted_at=moment)
        for each, moment in zip(names, moments, strict=True)
    ]
    await ledger.write(APPLICATIONS.name, *events)
    await ledger.write(DECISIONS.name, decided(names[2], channel=channel, submitted_at=moments[2]))

    async def ask(**query: str) -> list[str]:
        found: list[str] = []
        answer = await client.get(ADDRESS, params={"channel": channel, "limit": "2", **query})
        while True:
            assert answer.status_code == 200
            found += [item["application_id"] for item in answer.json()["items"]]
            if "next" not in answer.json():
                return found
            answer = await client.get(answer.json()["next"])

    assert await ask() == names[::-1]
    assert await ask(state="decided") == [names[2]]
    assert await ask(outcome="approved") == [names[2]]
    assert await ask(outcome="refused") == []
    assert await ask(state="received") == [names[4], names[3], names[1], names[0]]
    assert await ask(submitted_from="2026-04-02T00:00:00Z", submitted_to="2026-04-04T00:00:00Z") == [
        names[3],
        names[2],
    ]


async def test_keys_change_while_it_runs(
    client: httpx.AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.json"
    (old,) = read_keys(keys)
    assert (await client.get(ADDRESS)).status_code == 200
    assert main(["create", "--file", str(keys), "--role", "read"]) == 0
    # Before the key stands what the gateway has logged.
    new = {"X-API-Key": capsys.readouterr().out.split()[-1]}
    await answering(client, ADDRESS, 200, new)
    assert main(["revoke", "--file", str(keys), "--id", old.id]) == 0
    await answering(client, ADDRESS, 401)
    assert (await client.get(ADDRESS, headers=new)).status_code == 200


async def test_postgres_away_holds_up_no_new_application(tmp_path: Path, bootstrap: str, name: str) -> None:
    nowhere = f"postgresql://octroi:none@127.0.0.1:{free_port()}/octroi"
    async with running_gateway(tmp_path, kafka=bootstrap, database=nowhere) as client, deciding(bootstrap):
        answer = await post(client, name, Prefer="wait=20")
        assert answer.status_code == 200
        again = await post(client, name)
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
        listed = await client.get(ADDRESS)
        assert listed.status_code == 503
        assert "Retry-After" in listed.headers
