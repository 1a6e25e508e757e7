"""Pages of applications with moments that only other producers give, with Kafka and PostgreSQL."""

import json
from base64 import urlsafe_b64encode

import httpx
import pytest

from services.contracts.topics import APPLICATIONS
from tests.integration.gateway.scene import Bookkeeper
from tests.integration.gateway.test_gateway import ADDRESS, submitted

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
MOMENTS = ("2026-04-01T09:00:00Z", "2199-12-31T23:00:00-10:00", "1970-01-01T00:30:00+10:00")


async def test_pages_go_on_behind_any_moment_that_the_contract_takes(
    client: httpx.AsyncClient, ledger: Bookkeeper
) -> None:
    events = [
        submitted(f"a-{moment[:4]}-{number}", submitted_at=moment) for moment in MOMENTS for number in (1, 2)
    ]
    await ledger.write(APPLICATIONS.name, *events)
    address: str | None = f"{ADDRESS}?limit=1"
    seen: list[str] = []
    while address:
        answer = await client.get(address)
        assert answer.status_code == 200, answer.text
        seen += [item["application_id"] for item in answer.json()["items"]]
        address = answer.json().get("next")
    assert seen == ["a-2199-2", "a-2199-1", "a-2026-2", "a-2026-1", "a-1970-2", "a-1970-1"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_cursor_at_an_end_of_the_calendar_is_a_place_like_any_other(
    client: httpx.AsyncClient, moment: str
) -> None:
    cursor = urlsafe_b64encode(json.dumps([moment, "a"]).encode()).decode()
    assert (await client.get(ADDRESS, params={"cursor": cursor})).status_code == 200


@pytest.mark.parametrize("worth", ["1e308", "1e999", "-1", "0.5", str(2**63)])
async def test_a_cursor_of_any_number_is_a_place_like_any_other(
    client: httpx.AsyncClient, worth: str
) -> None:
    cursor = urlsafe_b64encode(f'[{worth}, "a"]'.encode()).decode()
    for sort in ("score", "probability_of_default"):
        answer = await client.get(ADDRESS, params={"cursor": cursor, "sort": sort})
        assert answer.status_code in {200, 422}, answer.text
