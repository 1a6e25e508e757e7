from itertools import count

from tests.chaos.acknowledged import Acknowledged


def noted() -> Acknowledged:
    clock = count(start=10.0, step=10.0)
    acknowledged = Acknowledged(lambda: next(clock))
    acknowledged.note(0, "early", 1.0)
    acknowledged.note("REST", "by REST", 12.0)
    acknowledged.note(0, "in time", 25.0)
    acknowledged.note(1, "held up by an outage", 2.0)
    acknowledged.note(0, "after it", 41.0)
    return acknowledged


def test_who_was_handed_in_since_a_moment_is_told_whatever_came_between() -> None:
    assert noted().since(20.0) == {"in time", "after it"}
    assert noted().since(41.0) == {"after it"}
    assert noted().since(50.1) == set()


def test_everybody_is_told_since_the_beginning() -> None:
    assert len(noted().since(0.0)) == 5


def test_the_first_since_a_moment_are_told_for_each_place_by_itself() -> None:
    assert noted().first_since(0.0, 0, number=2) == ["in time", "early"]
    assert noted().first_since(20.0, 0, number=1) == ["in time"]
    assert noted().first_since(0.0, "REST", number=9) == ["by REST"]
    assert noted().first_since(20.0, 1, number=9) == []
    assert noted().first_since(0.0, 2, number=9) == []
