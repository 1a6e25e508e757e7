import json
from typing import Any

import httpx
import pytest

from services.contracts.codec import decode
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION, TRIAL_DECISION
from services.contracts.topics import TRIALS
from services.contracts.trials import TrialAsked, TrialDecision, TrialError, TrialResult
from tests.unit.gateway.fakes import FakeGateway

DRY_RUN = "/v1/applications:dry-run"
APPROVED = TrialResult(decision=TrialDecision.model_validate(TRIAL_DECISION))
REFUSED = TrialResult(errors=(TrialError(field="AMT_CREDIT", message="Is odd"),))


async def ask(client: httpx.AsyncClient, *applications: object) -> httpx.Response:
    return await client.post(DRY_RUN, json={"applications": list(applications)})


async def decisions(client: httpx.AsyncClient, *applications: object) -> list[dict[str, Any]]:
    answer = await ask(client, *applications)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["decisions"]
    return told


async def test_it_tells_what_scoring_would_decide(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.answer_trials(APPROVED)
    assert await decisions(client, APPLICATION) == [TRIAL_DECISION]
    [message] = gateway.publisher.messages
    assert message.topic == TRIALS.name
    asked = decode(TrialAsked, message.value, message.headers)
    assert [set(cells.items()) for cells in asked.applications] == [
        {(name, value) for name, value in APPLICATION.items() if value is not None}
    ]


async def test_a_bad_application_is_told_in_its_place_and_not_asked_about(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.answer_trials(APPROVED, APPROVED)
    bad = {**SMALLEST_APPLICATION, "AMT_CREDIT": -1}
    told = await decisions(client, SMALLEST_APPLICATION, bad, 7, APPLICATION)
    assert [each.get("outcome") for each in told] == ["approved", None, None, "approved"]
    assert [each.get("status") for each in told] == [None, 422, 422, None]
    [field] = told[1]["problem"]["errors"]
    assert (field["field"], field["allowed"]) == (
        "application.AMT_CREDIT",
        "number above 0, at most 10000000000",
    )
    assert told[2]["problem"]["errors"][0]["field"] == "application"


async def test_bad_applications_alone_ask_nobody(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    assert (await decisions(client, {}))[0]["status"] == 422
    assert not gateway.publisher.messages


async def test_what_scoring_refuses_is_told_alike(gateway: FakeGateway, client: httpx.AsyncClient) -> None:
    gateway.answer_trials(REFUSED)
    [told] = await decisions(client, APPLICATION)
    assert told["problem"]["errors"] == [{"field": "application.AMT_CREDIT", "message": "Is odd"}]


@pytest.mark.parametrize("trouble", ["nobody answers", "Kafka is away", "answers are not read", "too few"])
async def test_without_an_answer_it_is_503(
    gateway: FakeGateway, client: httpx.AsyncClient, trouble: str
) -> None:
    if trouble == "Kafka is away":
        gateway.publisher.away = True
    elif trouble == "answers are not read":
        gateway.trials.reading.clear()
    elif trouble == "too few":
        gateway.answer_trials()
    answer = await ask(client, APPLICATION)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"{}", b'{"applications": []}', b'{"applications": [{}], "channel": "web"}']
)
async def test_what_is_no_question_is_422(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(DRY_RUN, content=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_more_than_200_are_422(client: httpx.AsyncClient) -> None:
    assert (await ask(client, *[SMALLEST_APPLICATION] * 201)).status_code == 422


async def test_too_many_bytes_are_413(client: httpx.AsyncClient) -> None:
    big = {**SMALLEST_APPLICATION, "note": "x" * 1_000_000}
    content = json.dumps({"applications": [big] * 5})
    assert (await client.post(DRY_RUN, content=content)).status_code == 413


async def test_too_many_bytes_are_refused_before_they_are_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(DRY_RUN, content=b"[" + b" " * TrialAsked.LARGEST)
    assert answer.status_code == 413
    assert str(TrialAsked.LARGEST) in answer.json()["detail"]
