from collections.abc import Mapping

import httpx
import pytest
from structlog.testing import capture_logs

from services.contracts.codec import LARGEST_EVENT, attribute, decode
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.gateway.arrivals import Arrived
from services.gateway.batch_part import new_batch_id
from services.gateway.naming import name_application
from services.gateway.resources import Failure
from services.gateway.states import ApplicationState
from tests.unit.gateway.fakes import FakeGateway, arrived
from tests.unit.gateway.states import known_state

OTHER = {**SMALLEST_APPLICATION, "AMT_CREDIT": 1.0}


async def post(
    client: httpx.AsyncClient,
    application: object = APPLICATION,
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> httpx.Response:
    return await client.post("/v1/applications", json={"application": application, **more}, headers=headers)


@pytest.mark.parametrize("end", [".00000001", ".00000001x", ".", ".x"])
async def test_an_id_of_a_batch_files_row_is_refused(
    gateway: FakeGateway, client: httpx.AsyncClient, end: str
) -> None:
    answer = await post(client, application_id=new_batch_id() + end)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "application_id"
    assert "rows of batch files" in error["message"]
    assert error["allowed"] == "an id that does not begin with b-, 32 hexadecimal digits and a dot"
    assert gateway.publisher.messages == []


@pytest.mark.parametrize(
    "name", ["b-1", "b-1.00000001", f"b-{'0' * 31}g.00000001", f"ab-{'0' * 32}.00000001"]
)
async def test_an_id_that_is_only_like_a_rows_is_taken(client: httpx.AsyncClient, name: str) -> None:
    assert (await post(client, application_id=name)).status_code == 202


async def test_an_application_is_accepted_once_kafka_has_it(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    answer = await post(client, application_id="web-1", channel="web")
    assert answer.status_code == 202
    assert answer.headers["Location"] == "/v1/applications/web-1"
    assert answer.json()["state"] == "received"
    assert answer.json()["links"]["events"] == "/v1/applications/web-1/events"
    (message,) = gateway.publisher.messages
    assert (message.topic, message.key) == ("loan.applications.v1", b"web-1")


async def test_the_event_carries_the_application_as_it_was_sent(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    application = {**APPLICATION, "FAVOURITE_COLOUR": "blue"}
    await post(client, application, application_id="web-1", channel="web", headers={"X-Request-ID": "r-1"})
    (message,) = gateway.publisher.messages
    event = decode(LoanApplicationSubmitted, message.value, message.headers)
    sent = {name: value for name, value in application.items() if value is not None}
    assert event.application.model_dump(exclude_none=True) == sent
    assert (event.channel, event.application_id) == ("web", "web-1")
    assert attribute(message.headers, "ce_requestid") == "r-1"
    assert attribute(message.headers, "ce_source") == "octroi/gateway"


async def test_without_an_id_two_applications_are_two(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    first, second = await post(client), await post(client)
    assert first.json()["application_id"] != second.json()["application_id"]
    assert len(gateway.publisher.messages) == 2
    assert gateway.states.looks == 0


async def test_kafka_away_is_503_and_when_to_try_again(
    gateway: FakeGateway, client: httpx.AsyncClient
) -> None:
    gateway.publisher.away = True
    answer = await post(client, application_id="web-1", headers={"Prefer": "wait=20"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Content-Type"] == "application/problem+json"
    gateway.publisher.away = False
    assert (await post(client, application_id="web-1")).headers.get("Idempotency-Replayed") is None


def test_the_waits_before_a_503_stay_below_three_seconds(gateway: FakeGateway) -> None:
    settings = gateway.settings
    assert (settings.lookup_within + settings.publish_within).total_seconds() < 3


class TestAgain:
    async def test_the_same_application_is_answered_and_not_sent(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        await post(client, application_id="web-1")
        answer = await post(client, application_id="web-1")
        assert answer.status_code == 202
        assert answer.headers["Idempotency-Replayed"] == "true"
        assert len(gateway.publisher.messages) == 1

    async def test_empty_cells_make_no_difference(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        await post(
            client, {**SMALLEST_APPLICATION, "EXT_SOURCE_1": None, "MORE": None}, application_id="web-1"
        )
        answer = await post(client, SMALLEST_APPLICATION, application_id="web-1")
        assert answer.headers["Idempotency-Replayed"] == "true"
        assert len(gateway.publisher.messages) == 1

    async def test_another_application_under_the_id_is_409(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        await post(client, application_id="web-1")
        answer = await post(client, OTHER, application_id="web-1")
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:octroi:problem:another-application"
        assert len(gateway.publisher.messages) == 1

    async def test_what_the_ledger_knows_counts(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        gateway.states.add(known_state("web-1", APPLICATION, decide=True))
        answer = await post(client, application_id="web-1")
        assert answer.status_code == 200
        assert answer.json()["decision"]["outcome"] == "approved"
        assert answer.headers["Idempotency-Replayed"] == "true"
        assert (await post(client, OTHER, application_id="web-1")).status_code == 409
        assert gateway.publisher.messages == []

    async def test_a_decision_that_the_ledger_lacks_counts_too(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        await post(client, application_id="web-1")
        gateway.arrivals.put(b"web-1", arrived("web-1"))
        assert (await post(client, application_id="web-1")).status_code == 200

    async def test_a_dead_application_may_be_sent_again_and_put_right(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        dead = known_state("web-1", APPLICATION, failure=Failure(stage="feature", error="crashed"))
        gateway.states.add(dead)
        answer = await post(client, OTHER, application_id="web-1")
        assert answer.status_code == 202
        assert len(gateway.publisher.messages) == 1

    async def test_an_unreadable_event_under_the_id_is_another_application(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        state = known_state("web-1", APPLICATION)
        broken = ApplicationState("web-1", "received", None, state.submitted_at, b'{"application": []}')
        gateway.states.add(broken)
        assert (await post(client, application_id="web-1")).status_code == 409

    async def test_postgres_away_takes_an_application_as_new(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        gateway.states.away = True
        with capture_logs() as logs:
            answer = await post(client, application_id="web-1")
        assert answer.status_code == 202
        assert ("taken_as_new", "warning") in [(line["event"], line["log_level"]) for line in logs]
        assert (await post(client, application_id="web-1")).headers["Idempotency-Replayed"] == "true"
        assert (await post(client, OTHER, application_id="web-1")).status_code == 409


class TestDecidedAndNotRecorded:
    """Another gateway took it: its decision was seen, and the ledger does not have it yet."""

    @pytest.mark.parametrize("cells", [APPLICATION, OTHER], ids=["same", "other"])
    @pytest.mark.parametrize("away", [False, True], ids=["behind", "away"])
    async def test_nobody_can_tell_whether_it_is_the_same(
        self, gateway: FakeGateway, client: httpx.AsyncClient, cells: Mapping[str, object], away: bool
    ) -> None:
        gateway.arrivals.put(b"web-1", arrived("web-1"))
        gateway.states.away = away
        answer = await post(client, cells, application_id="web-1", headers={"Prefer": "wait=2"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert answer.json()["type"] == "urn:octroi:problem:service-unavailable"
        assert "is not recorded yet" in answer.json()["detail"]
        assert gateway.publisher.messages == []
        assert gateway.registry.get_sample_value("octroi_waiters") == 0

    async def test_once_it_is_recorded_it_is_told(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        gateway.arrivals.put(b"web-1", arrived("web-1"))
        assert (await post(client, application_id="web-1")).status_code == 503
        gateway.states.add(known_state("web-1", APPLICATION))
        again = await post(client, application_id="web-1", headers={"Prefer": "wait=2"})
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
        assert (await post(client, OTHER, application_id="web-1")).status_code == 409
        assert gateway.publisher.messages == []

    async def test_an_idempotency_key_names_it_too(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        name = (await post(client, headers={"Idempotency-Key": "order-1"})).json()["application_id"]
        other = FakeGateway(gateway.settings, gateway.keys)
        other.arrivals.put(name.encode(), arrived(name))
        async with other.client(client.headers["X-API-Key"]) as other_client:
            again = await post(other_client, headers={"Idempotency-Key": "order-1"})
            assert (again.status_code, other.publisher.messages) == (503, [])
            assert (await post(other_client, headers={"Idempotency-Key": "order-2"})).status_code == 202

    @pytest.mark.parametrize("value", [None, b"{}"])
    async def test_a_record_that_is_no_decision_holds_nothing_up(
        self, gateway: FakeGateway, client: httpx.AsyncClient, value: bytes | None
    ) -> None:
        gateway.arrivals.put(b"web-1", Arrived(value, ()))
        assert (await post(client, application_id="web-1")).status_code == 202


class TestIdempotencyKey:
    async def test_it_names_the_application(
        self, gateway: FakeGateway, client: httpx.AsyncClient, key: str
    ) -> None:
        first = await post(client, headers={"Idempotency-Key": "order-1"})
        again = await post(client, headers={"Idempotency-Key": "order-1"})
        other = await post(client, headers={"Idempotency-Key": "order-2"})
        caller = gateway.keys.find(key)
        assert caller is not None
        assert first.json()["application_id"] == name_application(None, f"{caller.id}:order-1")
        assert first.json()["application_id"] == again.json()["application_id"]
        assert first.json()["application_id"] != other.json()["application_id"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert len(gateway.publisher.messages) == 2

    async def test_another_application_under_the_key_is_409(self, client: httpx.AsyncClient) -> None:
        await post(client, headers={"Idempotency-Key": "order-1"})
        answer = await post(client, OTHER, headers={"Idempotency-Key": "order-1"})
        assert answer.status_code == 409

    async def test_an_id_stands_above_it(self, client: httpx.AsyncClient) -> None:
        answer = await post(client, application_id="web-1", headers={"Idempotency-Key": "order-1"})
        assert answer.json()["application_id"] == "web-1"


class TestWaiting:
    async def test_the_decision_is_the_answer(self, gateway: FakeGateway, client: httpx.AsyncClient) -> None:
        gateway.answer_everything()
        answer = await post(client, application_id="web-1", headers={"Prefer": "wait=5"})
        assert answer.status_code == 200
        assert answer.headers["Preference-Applied"] == "wait=5"
        body = answer.json()
        assert (body["state"], body["decision"]["score"]) == ("decided", 641)
        assert body["decision"]["lineage"]["features"]["topic"] == "loan.features.v1"
        assert "shadow" not in body["decision"]

    async def test_no_decision_in_time_is_202(self, gateway: FakeGateway, client: httpx.AsyncClient) -> None:
        answer = await post(client, headers={"Prefer": "wait=1"})
        assert answer.status_code == 202
        assert answer.headers["Preference-Applied"] == "wait=1"
        awaited = gateway.registry.get_sample_value("octroi_decisions_awaited_total", {"in_time": "no"})
        assert awaited == 1

    async def test_waiting_for_a_known_application_is_possible(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        await post(client, application_id="web-1")
        gateway.states.add(known_state("web-1", APPLICATION, decide=True))
        answer = await post(client, application_id="web-1", headers={"Prefer": "wait=5"})
        assert answer.status_code == 200

    async def test_a_wait_that_did_not_end_leaves_nobody_waiting(
        self, gateway: FakeGateway, client: httpx.AsyncClient
    ) -> None:
        gateway.publisher.away = True
        await post(client, headers={"Prefer": "wait=5"})
        assert gateway.registry.get_sample_value("octroi_waiters") == 0


async def test_an_application_larger_than_an_event_may_be_is_413(client: httpx.AsyncClient) -> None:
    stuffed = {**SMALLEST_APPLICATION, "NOTES": "x" * LARGEST_EVENT}
    answer = await post(client, stuffed)
    assert answer.status_code == 413
    assert str(LARGEST_EVENT) in answer.json()["detail"]
