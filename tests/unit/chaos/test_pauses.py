from collections.abc import Iterator

from tests.chaos.pauses import Pauses


def paused(*moments: float) -> Pauses:
    """A clock that says these, one at each question."""
    told: Iterator[float] = iter(moments)
    return Pauses(lambda: next(told))


def test_the_longest_time_between_two_in_a_row_is_kept() -> None:
    pauses = paused(0.0, 3.0, 3.0, 4.0, 4.0, 5.0)
    pauses.note()
    pauses.note()
    assert pauses.longest() == 3.0


def test_a_pause_that_lasts_counts_up_to_now() -> None:
    pauses = paused(0.0, 1.0, 1.0, 9.0)
    pauses.note()
    assert pauses.longest() == 8.0


def test_what_was_before_the_beginning_is_forgotten_but_for_the_pause_that_lasts() -> None:
    pauses = paused(0.0, 7.0, 7.0, 9.0)
    pauses.note()
    pauses.begin()
    assert pauses.longest() == 2.0
