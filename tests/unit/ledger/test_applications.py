from datetime import UTC, datetime

import pytest

from services.contracts.codec import LARGEST_EVENT, decode
from services.contracts.events import LoanApplicationSubmitted
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.ledger.applications import Application, application_row
from tests.unit.ledger.records import application_record, submitted

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def row(value: bytes | None, *headers: tuple[str, bytes]) -> Application | None:
    return application_row(application_record(value, 7, headers=headers), b"packed")


def kept(value: bytes, *headers: tuple[str, bytes]) -> Application:
    found = row(value, *headers)
    assert found is not None
    return found


def test_a_row_says_what_came_when_and_where() -> None:
    value = submitted("web-1")
    assert kept(value, ("ce_id", b"e-1"), ("ce_requestid", b"r-1")) == Application(
        application_id="web-1",
        channel="web",
        contract_type="Cash loans",
        submitted_at=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
        received_at=NOON,
        raw=b"packed",
        event_id="e-1",
        request_id="r-1",
        topic="loan.applications.v1",
        partition=1,
        offset=7,
    )


def test_what_a_foreign_producer_leaves_out_comes_from_the_record() -> None:
    found = kept(b'{"application_id": "web-1", "application": {}}')
    assert (found.event_id, found.request_id) == ("loan.applications.v1:1:7", None)
    assert (found.submitted_at, found.channel, found.contract_type) == (NOON, None, None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"not JSON",
        b"[]",
        b'"web-1"',
        b"{}",
        b'{"application_id": null}',
        b'{"application_id": 7}',
        b'{"application_id": ""}',
        b'{"application_id": "two words"}',
        b'{"application_id": "web-1"',
        submitted("x" * 65),
        submitted("web-1", padding="x" * LARGEST_EVENT),
    ],
)
def test_what_cannot_be_identified_is_passed_over(value: bytes | None) -> None:
    assert row(value) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": 7}, {"channel": None}),
        ({"channel": "x" * 33}, {"channel": None}),
        ({"channel": "a\0b"}, {"channel": None}),
        ({"submitted_at": 1774958400}, {"submitted_at": NOON}),
        ({"submitted_at": "yesterday"}, {"submitted_at": NOON}),
        ({"submitted_at": "2026-03-31T09:30:00"}, {"submitted_at": NOON}),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, {"submitted_at": NOON}),
        ({"application": None}, {"contract_type": None}),
        ({"application": "all of it"}, {"contract_type": None}),
        ({"application": {"NAME_CONTRACT_TYPE": ["Cash loans"]}}, {"contract_type": None}),
        ({"version": 9, "event": "SomethingElse"}, {}),
    ],
)
def test_what_breaks_the_contract_is_kept_without_what_cannot_be_read(
    changes: dict[str, object], expected: dict[str, object]
) -> None:
    value = submitted("web-1", **changes)
    whole = kept(submitted("web-1"))._asdict()
    assert kept(value)._asdict() == whole | expected


@pytest.mark.parametrize(
    "value",
    [
        submitted("web-1", application=SMALLEST_APPLICATION),
        submitted("web-1", note=float("nan")),
        submitted("web-1", submitted_at="2026-03-31T09:30:00.123456789Z"),
        submitted("web-1", application={**APPLICATION, "FURTHER": 10**40}),
        submitted("web-1", channel="Zürich ✓"),
        submitted("first").replace(b"{", b'{"application_id": "web-1", ', 1),
        b"\n" + submitted("web-1"),
    ],
)
def test_whatever_the_feature_stage_accepts_is_kept_under_the_same_id_and_time(value: bytes) -> None:
    event = decode(LoanApplicationSubmitted, value)
    found = kept(value)
    assert found.application_id == event.application_id
    assert found.submitted_at == event.submitted_at
