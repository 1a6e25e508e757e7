"""What an application may hold beyond the contract's fields, by whichever way it comes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from services.contracts.examples import SMALLEST_APPLICATION, TRIAL_DECISION
from services.contracts.trials import TrialDecision, TrialResult
from services.gateway.further_fields import MOST_FURTHER
from tests.unit.gateway.fakes import FakeGateway

ADDRESS = "/v1/applications"
LINES = {"Content-Type": "application/x-ndjson"}
Answer = tuple[int, str]
"""A status and what is wrong."""


def told(status: int, problem: dict[str, Any]) -> Answer:
    [error] = problem.get("errors", [{"field": "", "message": ""}])
    return status, f"{error['field']}: {error['message']}"


async def alone(client: httpx.AsyncClient, application: str) -> Answer:
    answer = await client.post(ADDRESS, content=f'{{"application": {application}}}')
    return told(answer.status_code, answer.json())


async def as_a_line(client: httpx.AsyncClient, application: str) -> Answer:
    answer = await client.post(f"{ADDRESS}:batch", content=f'{{"application": {application}}}', headers=LINES)
    return told(answer.json()["status"], answer.json().get("problem", {}))


async def as_an_element(client: httpx.AsyncClient, application: str) -> Answer:
    content = f'[{{"application": {application}}}, NaN]'
    [result, _] = (await client.post(f"{ADDRESS}:batch", content=content)).json()
    return told(result["status"], result.get("problem", {}))


async def as_a_question(client: httpx.AsyncClient, application: str) -> Answer:
    answer = await client.post(f"{ADDRESS}:dry-run", content=f'{{"applications": [{application}]}}')
    [decision] = answer.json()["decisions"]
    return told(decision.get("status", 202), decision.get("problem", {}))


Way = Callable[[httpx.AsyncClient, str], Awaitable[Answer]]
WAYS = pytest.mark.parametrize("way", [alone, as_a_line, as_an_element, as_a_question])


def application(**further: object) -> str:
    return json.dumps({**SMALLEST_APPLICATION, **further})


@pytest.fixture(autouse=True)
def answering(gateway: FakeGateway) -> None:
    gateway.answer_trials(TrialResult(decision=TrialDecision.model_validate(TRIAL_DECISION)))


@WAYS
@pytest.mark.parametrize(
    "further",
    [
        {f"X{number}": number for number in range(MOST_FURTHER)},
        {"X": list(range(MOST_FURTHER - 1))},
        {
            "X": {f"a{number}": [] for number in range(MOST_FURTHER - 2)},
            "Y": "of many words, and: more" * 1_000,
        },
    ],
    ids=["fields", "elements", "members"],
)
async def test_further_fields_may_hold_many_values(
    client: httpx.AsyncClient, way: Way, further: dict[str, object]
) -> None:
    assert await way(client, application(**further)) == (202, ": ")


@WAYS
@pytest.mark.parametrize(
    ("further", "name"),
    [
        ({f"X{number}": number for number in range(MOST_FURTHER + 1)}, f"X{MOST_FURTHER}"),
        ({"X": list(range(MOST_FURTHER))}, "X"),
        ({"X": 1, "Y": {f"a{number}": None for number in range(MOST_FURTHER - 1)}}, "Y"),
        ({"X" * 200: [[{"a": []}] * 400] * 2}, "X" * 80),
    ],
    ids=["fields", "elements", "members", "nested"],
)
async def test_further_fields_of_too_many_values_are_named_with_the_cure(
    client: httpx.AsyncClient, gateway: FakeGateway, way: Way, further: dict[str, object], name: str
) -> None:
    cure = f"{name} and the further fields before it hold more than 1000 values; leave some out"
    assert await way(client, application(**further)) == (422, f"application: {cure}")
    assert gateway.publisher.messages == []


@WAYS
async def test_numbers_that_json_has_no_word_for_are_refused_in_further_fields(
    client: httpx.AsyncClient, way: Way
) -> None:
    bad = application(X=[1, {"a": float("nan")}])
    assert await way(client, bad) == (422, "application: X must hold finite numbers")
