from datetime import timedelta

import pytest

from services.kit.gathering import Gathering
from services.kit.settings import StreamSettings

SETTINGS = StreamSettings(gather=timedelta(seconds=2), gather_from=10, batch_records=100)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_a_turn_of_many_the_next_is_early_until_its_time_has_come() -> None:
    clock = Clock()
    gathering = Gathering(SETTINGS, clock=clock)
    assert not gathering.under_load
    gathering.took(10, waiting=0)
    assert gathering.under_load
    assert gathering.early() == 2
    clock.now += 3
    assert gathering.early() == -1
    assert gathering.under_load


@pytest.mark.parametrize(("records", "waiting"), [(0, 0), (9, 0), (9, 49), (100, 50), (10, 1000)])
def test_few_records_and_a_backlog_are_taken_at_once(records: int, waiting: int) -> None:
    gathering = Gathering(SETTINGS)
    gathering.took(10, waiting=49)
    assert gathering.early() > 0
    gathering.took(records, waiting=waiting)
    assert not gathering.under_load
    assert gathering.early() == 0


def test_without_a_time_to_gather_nothing_is_waited_for() -> None:
    gathering = Gathering(SETTINGS.model_copy(update={"gather": timedelta(0)}))
    gathering.took(99, waiting=0)
    assert not gathering.under_load
