import json
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from services.contracts.codec import LARGEST_EVENT
from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.batch import Sender
from services.gateway.batch_part import application_id, new_batch_id
from services.gateway.naming import name_application
from tests.unit.gateway.fakes import FakeGateway, arrived
from tests.unit.gateway.states import known_state

BATCH = "/v1/applications:batch"
NDJSON = "application/x-ndjson"
OTHER = {**SMALLEST_APPLICATION, "AMT_CREDIT": 1.0}


def line(application_id: str | None = None, application: object = SMALLEST_APPLICATION) -> dict[str, Any]:
    named = {"application_id": application_id} if application_id else {}
    return {**named, "application": application}


async def post(client: httpx.AsyncClient, *lines: object, **headers: str) -> list[dict[str, Any]]:
    answer = await client.post(BATCH, json=list(lines), headers=headers)
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()
    assert len(results) == len(lines)
    return results


async def test_bad_lines_do_not_hold_up_good_ones(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    lines = [
        json.dumps(line("a-1")),
        "{",
        json.dumps(line("a-2", {"AMT_CREDIT": -1})),
        "",
        json.dumps(line("a-3")),
    ]
    # As some editors write it, with a mark of the byte order.
    content = "\n".join(lines).encode("utf-8-sig")
    answer = await client.post(BATCH, content=content, headers={"Content-Type": NDJSON})
    assert answer.headers["Content-Type"] == NDJSON
    results = [json.loads(text) for text in answer.text.splitlines()]
    assert [result["status"] for result in results] == [202, 422, 422, 202]
    assert [message.key for message in gateway.publisher.messages] == [b"a-1", b"a-3"]
    assert [result.get("application_id") for result in results] == ["a-1", None, "a-2", "a-3"]
    fields = [error["field"] for error in results[2]["problem"]["errors"]]
    assert "application.AMT_CREDIT" in fields


async def test_an_array_is_answered_by_an_array_in_order(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    names = [f"a-{number}" for number in range(1000)]
    results = await post(client, *map(line, names))
    assert [result["application_id"] for result in results] == names
    assert {result["status"] for result in results} == {202}
    assert len(gateway.publisher.messages) == 1000


async def test_known_applications_are_answered_and_not_sent(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, decide=True))
    gateway.states.add(known_state("a-2", SMALLEST_APPLICATION))
    results = await post(client, line("a-1"), line("a-2"), line("a-2", OTHER), line())
    assert [result["status"] for result in results] == [200, 202, 409, 202]
    assert results[0]["decision"]["outcome"] == "approved"
    assert len(gateway.publisher.messages) == 1
    assert gateway.states.looks == 1


async def test_lines_that_are_decided_and_not_recorded_are_503_and_hold_up_no_other(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.arrivals.put(b"a-1", arrived("a-1"))
    lines = [line("a-1"), line("a-1", OTHER), line("a-2"), line()]
    results = await post(client, *lines)
    assert [result["status"] for result in results] == [503, 503, 202, 202]
    assert [result["application_id"] for result in results[:3]] == ["a-1", "a-1", "a-2"]
    assert "is not recorded yet" in results[0]["problem"]["detail"]
    assert b"a-1" not in {message.key for message in gateway.publisher.messages}
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION))
    assert [result["status"] for result in await post(client, *lines[:3])] == [200, 409, 202]
    assert len(gateway.publisher.messages) == 2


async def test_what_is_remembered_is_known_while_postgres_is_away_whatever_is_beside_it(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    await post(client, line("a-1"), line("a-2"))
    gateway.arrivals.put(b"a-1", arrived("a-1"))
    gateway.states.away = True
    with capture_logs() as logs:
        results = await post(client, line("a-1"), line("a-1", OTHER), line("a-2"), line("a-3"))
    assert [result["status"] for result in results] == [200, 409, 202, 202]
    assert [message.key for message in gateway.publisher.messages] == [b"a-1", b"a-2", b"a-3"]
    assert [entry["applications"] for entry in logs if entry["event"] == "taken_as_new"] == [1]


async def test_an_id_twice_in_a_batch_is_one_application(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    results = await post(client, line("a-1"), line("a-1"), line("a-1", OTHER))
    assert [result["status"] for result in results] == [202, 202, 409]
    assert len(gateway.publisher.messages) == 1


async def test_an_idempotency_key_names_lines_by_their_place(
    gateway: FakeGateway, client: httpx.AsyncClient, key: str
) -> None:
    first = await post(client, line(), line(), **{"Idempotency-Key": "day-1"})
    again = await post(client, line(), line(), **{"Idempotency-Key": "day-1"})
    names = [result["application_id"] for result in first]
    caller = gateway.keys.find(key)
    assert caller is not None
    assert names == [name_application(None, f"{caller.id}:day-1:{place}") for place in (0, 1)]
    assert [result["application_id"] for result in again] == names
    assert len(gateway.publisher.messages) == 2


async def test_lines_that_kafka_does_not_take_are_503(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.publisher.away = True
    results = await post(client, line("a-1"), {"application": {}})
    assert [result["status"] for result in results] == [503, 422]
    gateway.publisher.away = False
    assert [result["status"] for result in await post(client, line("a-1"))] == [202]


async def test_one_too_large_does_not_hold_up_another_of_its_id(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    large = {**SMALLEST_APPLICATION, "NOTE": "x" * LARGEST_EVENT}
    results = await post(client, line("a-1", large), line("a-1"), line("a-2", large), line("a-2", large))
    assert [result["status"] for result in results] == [413, 202, 413, 413]
    assert [result["application_id"] for result in results] == ["a-1", "a-1", "a-2", "a-2"]
    assert [message.key for message in gateway.publisher.messages] == [b"a-1"]


@pytest.mark.parametrize(
    "text", ["[" * (LARGEST_EVENT + 1), "7" * (LARGEST_EVENT + 1), '{"application_id": "a b", "x": "%s"}']
)
async def test_one_too_large_that_names_no_id_is_refused_unread(client: httpx.AsyncClient, text: str) -> None:
    content = f"{text.replace('%s', 'x' * LARGEST_EVENT)}\n{json.dumps(line('a-2'))}"
    answer = await client.post(BATCH, content=content, headers={"Content-Type": NDJSON})
    results = [json.loads(result) for result in answer.text.splitlines()]
    assert [(result["status"], result.get("application_id")) for result in results] == [
        (413, None),
        (202, "a-2"),
    ]


async def test_of_a_batch_that_kafka_takes_in_part_the_rest_is_503(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    def go_away(application_id: str) -> None:
        gateway.publisher.away = application_id == "a-2"

    gateway.publisher.listener = go_away
    results = await post(client, line("a-1"), line("a-2"), line("a-3"), line("a-3"), line("a-1"))
    assert [result["status"] for result in results] == [202, 202, 503, 503, 202]
    assert "send it again" in results[2]["problem"]["detail"]


@pytest.mark.parametrize(
    ("content", "media_type", "said"),
    [
        ("", NDJSON, "Has none"),
        ("\r\n \n\r", NDJSON, "Has none"),
        ("\n".join(["{}"] * 1001), NDJSON, "Has more than 1000"),
        (f"[{','.join(['{}'] * 1001)}]", "application/json", "Has more than 1000"),
        ("[]", "application/json", "Has none"),
        ("{}", "application/json", "Must be an array"),
        ("[", "application/json", "Invalid JSON"),
    ],
)
async def test_what_is_no_batch_is_422(
    client: httpx.AsyncClient, content: str, media_type: str, said: str
) -> None:
    answer = await client.post(BATCH, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "body"
    assert said in error["message"]


@pytest.mark.parametrize("word", ["NaN", "-Infinity", "1e999", '{"AMT_CREDIT": 1}'])
async def test_an_element_with_what_no_json_has_is_refused_alone(
    client: httpx.AsyncClient, word: str
) -> None:
    bad = json.dumps(line("a-1", {**SMALLEST_APPLICATION, "AMT_CREDIT": "?"})).replace('"?"', word)
    content = f"[{bad}, {json.dumps(line('a-2'))}]"
    answer = await client.post(BATCH, content=content, headers={"Content-Type": "application/json"})
    assert [result["status"] for result in answer.json()] == [422, 202]


@pytest.mark.parametrize("name", [7, "", "a b", None, ["a-1"], "x" * 65])
async def test_a_line_whose_id_is_none_is_refused_without_one(
    client: httpx.AsyncClient, name: object
) -> None:
    [result] = await post(client, {"application_id": name, "application": {}})
    assert result["status"] == 422
    assert "application_id" not in result


@pytest.mark.parametrize("media_type", [NDJSON, "application/json"])
async def test_a_line_with_the_id_of_a_batch_files_row_is_refused_alone(
    gateway: FakeGateway, client: httpx.AsyncClient, media_type: str
) -> None:
    row = application_id(new_batch_id(), 1)
    lines = [json.dumps(line(name)) for name in (row, "a-2")]
    content = "\n".join(lines) if media_type == NDJSON else f"[{','.join(lines)}]"
    answer = await client.post(BATCH, content=content, headers={"Content-Type": media_type})
    results = (
        [json.loads(text) for text in answer.text.splitlines()] if media_type == NDJSON else answer.json()
    )
    assert [(result["application_id"], result["status"]) for result in results] == [(row, 422), ("a-2", 202)]
    [error] = results[0]["problem"]["errors"]
    assert error["field"] == "application_id"
    assert "does not begin with b-" in error["allowed"]
    assert [message.key for message in gateway.publisher.messages] == [b"a-2"]


async def test_the_work_on_batch_files_names_rows(gateway: FakeGateway) -> None:
    row = application_id(new_batch_id(), 1)
    sender = Sender(request_key=None, request_id="r-1", names_rows=True)
    [result] = await gateway.parts.batches.submit([line(row)], sender)
    assert (result.application_id, result.status) == (row, 202)


async def test_a_row_that_is_decided_and_not_recorded_is_to_come_again(gateway: FakeGateway) -> None:
    batch_id = new_batch_id()
    rows = [application_id(batch_id, number) for number in (1, 2)]
    gateway.arrivals.put(rows[0].encode(), arrived(rows[0]))
    sender = Sender(request_key=None, request_id=batch_id, names_rows=True)
    results = await gateway.parts.batches.submit([line(row) for row in rows], sender)
    assert [result.status for result in results] == [503, 202]
    gateway.states.add(known_state(rows[0], SMALLEST_APPLICATION))
    results = await gateway.parts.batches.submit([line(row) for row in rows], sender)
    assert [result.status for result in results] == [200, 202]
    assert [message.key for message in gateway.publisher.messages] == [rows[1].encode()]


async def test_an_element_that_is_no_object_is_refused_alone(client: httpx.AsyncClient) -> None:
    results = await post(client, 7, None, line())
    assert [result["status"] for result in results] == [422, 422, 202]
