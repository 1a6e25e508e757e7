from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as some
from psycopg.adapt import Transformer
from psycopg.pq import Format

from services.ledger.arrays import Array, byte_strings, moments, reals, texts, wholes

BYTEA_ARRAY, TEXT_ARRAY, BIGINT_ARRAY, DOUBLE_ARRAY, TIMESTAMPTZ_ARRAY = 1001, 1009, 1016, 1022, 1185


def read(array: Array, array_type: int) -> object:
    """Read an array as psycopg reads what PostgreSQL sends."""
    return Transformer().get_loader(array_type, Format.BINARY).load(array)


@settings(deadline=None)
@given(
    some.lists(some.none() | some.text(some.characters(exclude_characters="\0", codec="utf-8")), min_size=1)
)
def test_texts_arrive_as_they_are(column: list[str | None]) -> None:
    assert read(texts(column), TEXT_ARRAY) == column


def test_texts_lose_only_what_postgres_has_no_room_for() -> None:
    assert read(texts(["a\0b", None, "", "\\u0000"]), TEXT_ARRAY) == ["ab", None, "", "\\u0000"]


@settings(deadline=None)
@given(some.lists(some.none() | some.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_arrive_as_they_are(column: list[int | None]) -> None:
    assert read(wholes(column), BIGINT_ARRAY) == column


@settings(deadline=None)
@given(some.lists(some.floats(allow_nan=False), min_size=1))
def test_real_numbers_arrive_as_they_are(column: list[float]) -> None:
    assert read(reals(column), DOUBLE_ARRAY) == column


@settings(deadline=None)
@given(some.lists(some.binary(), min_size=1))
def test_bytes_arrive_as_they_are(column: list[bytes]) -> None:
    assert read(byte_strings(column), BYTEA_ARRAY) == column


zones = some.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
local_times = some.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001
in_zones = some.builds(lambda moment, zone: moment.replace(tzinfo=zone), local_times, zones)


@settings(deadline=None)
@given(some.lists(in_zones, min_size=1))
def test_moments_arrive_to_the_microsecond_from_any_zone(column: list[datetime]) -> None:
    assert read(moments(column), TIMESTAMPTZ_ARRAY) == column
