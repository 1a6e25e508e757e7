from datetime import timedelta

import pytest

from services.kit.progress import Progress
from services.kit.records import Partition

FIRST, SECOND = Partition("features", 0), Partition("features", 1)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(turn_within=timedelta(seconds=60), clock=clock)


def test_before_it_has_joined_it_is_alive_and_not_ready(progress: Progress) -> None:
    assert progress.not_alive() == []
    assert progress.not_ready() == ["has not joined its consumer group yet"]


def test_a_joined_stage_is_ready(progress: Progress) -> None:
    progress.opened()
    assert progress.not_ready() == []


def test_a_broken_session_is_not_ready_until_the_next(progress: Progress) -> None:
    progress.opened()
    progress.broken("Kafka is away")
    assert progress.not_ready() == ["Kafka is away"]
    progress.opened()
    assert progress.not_ready() == []


def test_a_loop_that_does_not_turn_is_not_alive(progress: Progress, clock: Clock) -> None:
    progress.opened()
    clock.seconds += 60
    assert progress.not_alive() == []
    clock.seconds += 1
    assert progress.not_alive() == ["no turn of the loop for 61 s"]
    assert progress.not_ready() == ["no turn of the loop for 61 s"]
    progress.turned([])
    assert progress.not_alive() == []


def test_trying_again_is_living(progress: Progress, clock: Clock) -> None:
    for _ in range(10):
        clock.seconds += 50
        progress.broken("Kafka is away")
        assert progress.not_alive() == []


def test_a_held_partition_is_news_once_and_not_ready_until_it_moves(progress: Progress) -> None:
    progress.opened()
    assert progress.hold(FIRST, "feature AGE is missing")
    assert not progress.hold(FIRST, "feature AGE is missing")
    assert progress.hold(FIRST, "feature INCOME is missing")
    progress.turned([SECOND])
    assert progress.not_ready() == ["features:0 waits: feature INCOME is missing"]
    assert progress.not_alive() == []
    progress.turned([FIRST])
    assert progress.not_ready() == []


def test_a_held_partition_that_is_taken_away_is_another_ones_to_hold(progress: Progress) -> None:
    progress.opened()
    progress.hold(FIRST, "later")
    progress.hold(SECOND, "later")
    progress.assigned([SECOND])
    assert progress.not_ready() == ["features:1 waits: later"]


def test_a_new_session_has_held_nothing_yet(progress: Progress) -> None:
    progress.hold(FIRST, "later")
    progress.opened()
    assert progress.not_ready() == []


def test_waiting_is_measured_from_its_first_sight_until_something_moves(
    progress: Progress, clock: Clock
) -> None:
    assert progress.waiting(5) == timedelta(0)
    clock.seconds += 10
    progress.turned([])
    assert progress.waiting(7) == timedelta(seconds=10)
    progress.turned([FIRST])
    assert progress.waiting(7) == timedelta(0)
    clock.seconds += 10
    assert progress.waiting(0) == timedelta(0)
    clock.seconds += 10
    assert progress.waiting(1) == timedelta(0)
