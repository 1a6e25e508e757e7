from itertools import count

from tests.chaos.acknowledged import Acknowledged


def noted() -> Acknowledged:
    clock = count(start=10.0, step=10.0)
    acknowledged = Acknowledged(lambda: next(clock))
    acknowledged.note("topic", "early", 1.0)
    acknowledged.note("REST", "by REST", 12.0)
    acknowledged.note("topic", "in time", 25.0)
    acknowledged.note("topic", "held up by an outage", 2.0)
    acknowledged.note("topic", "after it", 41.0)
    return acknowledged


def test_who_was_handed_in_since_a_moment_is_told_whatever_came_between() -> None:
    assert noted().since(20.0) == {"in time", "after it"}
    assert noted().since(41.0) == {"after it"}
    assert noted().since(50.1) == set()


def test_everybody_is_told_since_the_beginning_and_each_way_by_itself() -> None:
    assert len(noted().since(0.0)) == 5
    assert noted().since(0.0, ("REST",)) == {"by REST"}
