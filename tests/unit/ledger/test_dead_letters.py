from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.kit.records import Partition, Record
from services.ledger.dead_letters import DeadLetter, dead_letter_row
from tests.unit.ledger.records import NOON, dead_letter_record, submitted


def test_a_row_says_which_record_was_refused_where_and_why() -> None:
    assert dead_letter_row(dead_letter_record(submitted("web-1"), 9)) == DeadLetter(
        topic="loan.dead-letters.v1",
        partition=1,
        offset=9,
        application_id="web-1",
        stage="feature",
        error="application.AMT_CREDIT: Field required",
        attempt=2,
        origin_topic="loan.applications.v1",
        origin_partition=3,
        origin_offset=40917,
        failed_at=datetime(2026, 3, 31, 12, 0, 1, 250_000, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("value", "key", "about"),
    [
        (submitted("in-value"), b"in-key", "in-value"),
        (b"not JSON", b"in-key", "in-key"),
        (None, b"in-key", "in-key"),
        (b"not JSON", b"not an id", None),
        (b"not JSON", b"\xff", None),
        (b"not JSON", None, None),
    ],
)
def test_it_is_about_the_application_that_the_value_or_else_the_key_names(
    value: bytes | None, key: bytes | None, about: str | None
) -> None:
    assert dead_letter_row(dead_letter_record(value, key=key)).application_id == about


def test_headers_that_say_nothing_leave_it_unknown() -> None:
    row = dead_letter_row(
        dead_letter_record(
            None,
            octroi_stage=None,
            octroi_error=None,
            octroi_attempt=b"many",
            octroi_origin_topic=None,
            octroi_origin_partition=b"99999999999",
            octroi_origin_offset=b"-1",
            octroi_failed_at=b"2026-03-31",
        )
    )
    assert (row.stage, row.error, row.attempt) == ("unknown", "unknown", 1)
    assert (row.origin_topic, row.origin_partition, row.origin_offset) == (None, None, None)
    assert row.failed_at == datetime(2026, 3, 31, 12, tzinfo=UTC)


names = some.sampled_from(
    ["octroi_stage", "octroi_attempt", "octroi_origin_partition", "octroi_origin_offset", "octroi_failed_at"]
)
numbers = some.integers().map(lambda number: str(number).encode())
times = some.datetimes().map(lambda moment: moment.isoformat().encode() + b"+14:00")


@settings(deadline=None)
@given(
    value=some.none() | some.binary(),
    key=some.none() | some.binary(),
    headers=some.lists(some.tuples(names, some.binary() | numbers | times)),
    timestamp=some.integers(-1, 2**63 - 1),
)
def test_no_dead_letter_is_ever_refused(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]], timestamp: int
) -> None:
    partition = Partition("loan.dead-letters.v1", 0)
    row = dead_letter_row(Record(partition, 0, timestamp, key, value, tuple(headers)))
    assert 0 <= row.attempt < 2**31
    assert 0 <= (row.origin_partition or 0) < 2**31
    assert 0 <= (row.origin_offset or 0) < 2**63
    assert 1900 <= row.failed_at.year <= 9998


def test_the_time_of_a_record_from_no_calendar_is_moved_into_one() -> None:
    record = Record(Partition("loan.dead-letters.v1", 0), 0, 2**62, None, None)
    assert dead_letter_row(record).failed_at.year == 9998
    assert (
        dead_letter_row(dead_letter_record(None, octroi_failed_at=None)).failed_at.timestamp() == NOON / 1000
    )
