from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.kit.records import Partition, Record

LAST = datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)


def record(timestamp: int) -> Record:
    return Record(Partition("loans", 0), 0, timestamp, None, None)


@pytest.mark.parametrize(
    ("timestamp", "moment"),
    [
        (-1, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_774_958_400_250, datetime(2026, 3, 31, 12, 0, 0, 250_000, tzinfo=UTC)),
        (253_370_764_800_000, LAST),
        (2**63 - 1, LAST),
    ],
)
def test_a_record_time_is_moved_into_the_years_that_can_be_told(timestamp: int, moment: datetime) -> None:
    found = record(timestamp).time()
    assert (found, found.tzinfo) == (moment, UTC)


def test_the_last_time_of_a_record_is_on_the_calendar_in_every_zone() -> None:
    last = record(2**63 - 1).time()
    assert last.astimezone(timezone(timedelta(hours=14))).year == LAST.year + 1
