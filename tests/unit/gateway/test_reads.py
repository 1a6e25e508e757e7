import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from services.contracts.examples import SMALLEST_APPLICATION
from services.gateway.queries import Listing, Position, page
from services.gateway.resources import Failure
from tests.unit.gateway.fakes import FakeGateway, arrived
from tests.unit.gateway.states import MORNING, known_state

NO_PAIRS: tuple[object, ...] = (1, 1.5, None, True, "ab", {}, {"worth": 1, "application_id": "a"}, [], [1])
NO_POSITIONS: tuple[object, ...] = (
    [1, "a", "b"],
    [1, 2],
    [True, "a"],
    ["2026-04-01T09:00:00Z", 2],
    ["2026-04-01", "a"],
)


def cursor(found: object) -> str:
    """Return a cursor as it stands in an address, whatever is in it."""
    return urlsafe_b64encode(json.dumps(found).encode()).decode()


async def find(client: httpx.AsyncClient, application_id: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/applications/{application_id}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_an_application_is_shown_with_its_decision(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, decide=True))
    found = await find(client, "a-1")
    assert found["state"] == "decided"
    assert [reason["code"] for reason in found["decision"]["reasons"]] == [
        "EXTERNAL_SCORES",
        "INSTALMENT_BURDEN",
    ]
    assert found["decision"]["lineage"]["application"]["offset"] == 40917
    assert found["application"] == SMALLEST_APPLICATION


@pytest.mark.parametrize("event", [b"", b"not json", b"[1]", b'{"application": "much"}', b"{}"])
async def test_what_cannot_be_read_is_shown_without_cells(
    gateway: FakeGateway, client: httpx.AsyncClient, event: bytes
) -> None:
    broken = Failure(stage="feature", error="not JSON")
    gateway.states.add(replace(known_state("a-1", SMALLEST_APPLICATION, failure=broken), event=event))
    assert "application" not in await find(client, "a-1")


async def test_a_dead_application_is_shown_with_the_reason(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    failure = Failure(stage="feature", error="application.AMT_CREDIT: Field required")
    gateway.states.add(known_state("a-1", SMALLEST_APPLICATION, failure=failure))
    assert (await find(client, "a-1"))["failure"] == failure.model_dump()


async def test_what_was_just_accepted_and_decided_is_found_before_the_ledger_has_it(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    await client.post("/v1/applications", json={"application_id": "a-1", "application": SMALLEST_APPLICATION})
    assert (await find(client, "a-1"))["state"] == "received"
    gateway.states.away = True
    assert (await find(client, "a-1"))["state"] == "received"
    gateway.arrivals.put(b"a-1", arrived("a-1"))
    assert (await find(client, "a-1"))["decision"]["score"] == 641


async def test_pages_go_through_all_applications_newest_first(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    for number in range(7):
        moment = MORNING + timedelta(minutes=number // 2)
        gateway.states.add(known_state(f"a-{number}", SMALLEST_APPLICATION, submitted_at=moment))
    address: str | None = "/v1/applications?limit=3&channel=web"
    seen: list[tuple[str, str]] = []
    while address:
        answer = await client.get(address)
        body = answer.json()
        seen += [(item["submitted_at"], item["application_id"]) for item in body["items"]]
        address = body.get("next")
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
        assert address is None or "channel=web" in address
    assert len(seen) == len(set(seen)) == 7
    assert all(newer > older for newer, older in pairwise(seen))


@pytest.mark.parametrize(
    "latest",
    [
        "2199-12-31T23:00:00-10:00",
        "1970-01-01T00:30:00+10:00",
        "5000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
async def test_pages_go_on_behind_any_moment_that_an_application_may_have(
    gateway: FakeGateway, client: httpx.AsyncClient, latest: str
) -> None:
    # Another producer gives the time, in its own zone, or a record has the time that its clock tells.
    moment = datetime.fromisoformat(latest).astimezone(UTC)
    for name in ("a-1", "a-2", "a-3"):
        gateway.states.add(known_state(name, SMALLEST_APPLICATION, submitted_at=moment))
    address: str | None = "/v1/applications?limit=1"
    seen: list[str] = []
    while address:
        answer = await client.get(address)
        assert answer.status_code == 200, answer.text
        seen += [item["application_id"] for item in answer.json()["items"]]
        address = answer.json().get("next")
    assert seen == ["a-3", "a-2", "a-1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "query.limit"),
        ("limit=201", "query.limit"),
        ("limit=many", "query.limit"),
        ("state=lost", "query.state"),
        ("outcome=perhaps", "query.outcome"),
        ("channel=a%00b", "query.channel"),
        ("submitted_from=yesterday", "query.submitted_from"),
        ("submitted_to=1775000000", "query.submitted_to"),
        ("cursor=made-up", "query.cursor"),
        *((f"cursor={cursor(found)}", "query.cursor") for found in NO_PAIRS + NO_POSITIONS),
        ("sort=channel", "query.sort"),
        ("cursor=WzAuNSwiYSJd", "query.cursor"),
        ("sort=score&cursor=WyIyMDI2LTAzLTMxVDA5OjMwOjAwWiIsImEiXQ==", "query.cursor"),
        ("page=2", "query.page"),
    ],
)
async def test_a_query_that_cannot_be_is_422(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.get(f"/v1/applications?{query}")
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_page_asks_only_for_what_is_wanted_and_one_row_more() -> None:
    statement, parameters = page(Listing(state="dead", limit=20))
    assert "WHERE state = %(state)s ORDER BY" in " ".join(statement.split())
    assert parameters == {"state": "dead", "limit": 21}
    after = Position(worth=0.5, application_id="a")
    further, parameters = page(Listing(sort="probability_of_default", cursor=after))
    assert "WHERE probability_of_default IS NOT NULL AND (probability_of_default" in str(further)
    assert parameters == {"worth": 0.5, "after": "a", "limit": 51}
    everything, _ = page(Listing())
    assert "WHERE" not in str(everything)
