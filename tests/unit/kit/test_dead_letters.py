from datetime import UTC, datetime

import pytest

from services.kit.dead_letters import HEADER_BYTES, DeadLetterLimit, DeadLetterOffice
from services.kit.errors import TooManyDeadLettersError
from services.kit.records import Headers, Partition, Record

OFFICE = DeadLetterOffice("dead", "scoring", lambda: datetime(2026, 3, 31, 9, 30, 0, 512_000, tzinfo=UTC))


def record(*headers: tuple[str, bytes]) -> Record:
    return Record(Partition("features", 3), 40_917, 1_767_225_600_123, b"key", b"{", headers)


def said(headers: Headers, name: str) -> list[bytes | None]:
    return [text for said_name, text in headers if said_name == name]


def test_a_letter_says_where_from_what_stage_why_and_when() -> None:
    letter = OFFICE.letter(record(("ce_id", b"1")), "vector: has 12 numbers, 249 are needed")
    assert (letter.topic, letter.key, letter.value) == ("dead", b"key", b"{")
    assert letter.headers == (
        ("ce_id", b"1"),
        ("octroi_stage", b"scoring"),
        ("octroi_error", b"vector: has 12 numbers, 249 are needed"),
        ("octroi_attempt", b"1"),
        ("octroi_origin_topic", b"features"),
        ("octroi_origin_partition", b"3"),
        ("octroi_origin_offset", b"40917"),
        ("octroi_failed_at", b"2026-03-31T09:30:00.512+00:00"),
    )


def test_headers_that_would_take_too_much_room_are_left_out_and_that_is_said() -> None:
    fits = OFFICE.letter(record(("x", bytes(HEADER_BYTES - 1))), "no")
    assert fits.headers[0] == ("x", bytes(HEADER_BYTES - 1))
    letter = OFFICE.letter(record(("x", bytes(HEADER_BYTES)), ("y", b"")), "no")
    assert (letter.key, letter.value) == (b"key", b"{")
    assert all(name.startswith("octroi_") for name, _ in letter.headers)
    assert said(letter.headers, "octroi_headers_left_out") == [f"2 of {HEADER_BYTES + 2} bytes".encode()]


def test_a_long_error_is_cut() -> None:
    letter = OFFICE.letter(record(), "x" * 5000)
    assert said(letter.headers, "octroi_error") == [b"x" * 1000]


def test_an_error_that_no_encoding_knows_is_written_all_the_same() -> None:
    letter = OFFICE.letter(record(), "NAME: \ud83d is half a character")
    assert said(letter.headers, "octroi_error") == [rb"NAME: \ud83d is half a character"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((b"1",), b"2"),
        ((b"41",), b"42"),
        ((b"1", b"7"), b"8"),
        ((b"",), b"1"),
        ((b"many",), b"1"),
        ((b"-3",), b"1"),
        ((b"9" * 5000,), b"1"),
    ],
)
def test_the_attempt_counts_on_from_a_number_and_from_nothing_else(
    before: tuple[bytes, ...], after: bytes
) -> None:
    letter = OFFICE.letter(record(*(("octroi_attempt", text) for text in before)), "again")
    assert said(letter.headers, "octroi_attempt") == [after]


def test_headers_of_an_earlier_failure_are_replaced_and_others_kept() -> None:
    first = OFFICE.letter(record(("ce_id", b"1"), ("ce_id", b"2")), "first")
    replayed = Record(Partition("features", 3), 40_918, 0, first.key, first.value, first.headers)
    second = OFFICE.letter(replayed, "second")
    assert said(second.headers, "ce_id") == [b"1", b"2"]
    assert said(second.headers, "octroi_error") == [b"second"]
    assert said(second.headers, "octroi_origin_offset") == [b"40918"]
    assert len(second.headers) == len(first.headers)


GOOD, DEAD = [False], [True]


def test_the_limit_lets_through_what_is_allowed() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    limit.check(6 * GOOD + 4 * DEAD)
    limit.count(6 * GOOD + 4 * DEAD)
    limit.check(10 * GOOD)


def test_the_limit_counts_over_batches() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    limit.count(2 * GOOD + 3 * DEAD)
    with pytest.raises(
        TooManyDeadLettersError, match=r"^5 of the last 8 records were refused, 4 are allowed"
    ):
        limit.check(GOOD + 2 * DEAD)


def test_the_limit_forgets_what_has_left_the_window() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    limit.count(4 * DEAD)
    limit.count(10 * GOOD)
    limit.check(4 * DEAD)


def test_checking_counts_nothing() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    for _ in range(5):
        limit.check(4 * DEAD)


def test_a_batch_larger_than_the_window_cannot_hide_its_dead_letters() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    with pytest.raises(TooManyDeadLettersError, match=r"^5 of the last 5 records"):
        limit.check(10 * DEAD + 90 * GOOD)


def test_a_batch_larger_than_the_window_is_judged_by_its_windows() -> None:
    limit = DeadLetterLimit(window=10, allowed=4)
    limit.check(100 * (GOOD + DEAD + GOOD))
