from datetime import timedelta

import pytest

from services.kit.gathering import Gathering
from services.kit.stream_settings import StreamSettings

SETTINGS = StreamSettings(
    gather=timedelta(seconds=2), gather_from=20, gather_few=timedelta(seconds=1), batch_records=100
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pause_after(settings: StreamSettings, records: int, *, waiting: int = 0) -> float:
    gathering = Gathering(settings, clock=Clock())
    # Whatever the turn before was.
    gathering.took(20, waiting=0)
    gathering.took(records, waiting=waiting)
    return gathering.early()


def test_after_a_turn_of_many_the_next_is_early_until_its_time_has_come() -> None:
    clock = Clock()
    gathering = Gathering(SETTINGS, clock=clock)
    assert gathering.early() < 0
    gathering.took(20, waiting=0)
    assert gathering.early() == 2
    clock.now += 3
    assert gathering.early() == -1


@pytest.mark.parametrize(
    ("records", "seconds"), [(0, 0), (1, 0), (2, 1), (12, 1), (13, 0), (19, 0), (20, 2), (100, 2)]
)
def test_few_records_gather_shortly_and_dozens_not_at_all(records: int, seconds: float) -> None:
    assert pause_after(SETTINGS, records) == seconds


@pytest.mark.parametrize("records", [2, 12, 20, 100])
def test_a_backlog_is_taken_at_once(records: int) -> None:
    assert pause_after(SETTINGS, records, waiting=49) > 0
    assert pause_after(SETTINGS, records, waiting=50) == 0


def test_at_least_once_few_records_are_taken_at_once() -> None:
    settings = SETTINGS.model_copy(update={"delivery": "at-least-once"})
    assert pause_after(settings, 12) == 0
    assert pause_after(settings, 20) == 2


def test_without_a_time_to_gather_nothing_is_waited_for() -> None:
    none = {"gather": timedelta(0), "gather_few": timedelta(0)}
    for records in (12, 99):
        assert pause_after(SETTINGS.model_copy(update=none), records) == 0


def test_the_rest_is_not_asked_for_longer_than_a_part_of_the_pause() -> None:
    gathering = Gathering(SETTINGS.model_copy(update={"gather_few": timedelta(milliseconds=15)}))
    for records, seconds in ((12, 0.003), (20, 0.01), (1, 0)):
        gathering.took(records, waiting=0)
        assert gathering.rest_within == pytest.approx(seconds)
