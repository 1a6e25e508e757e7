from tests.chaos.faults import SERVICES
from tests.chaos.memory import Held, grown, pods_memory, quarters, swollen


def holding(own: float, *, pid: int = 1, most: float = 0.0, started: float = 0.0) -> Held:
    return Held(own + started, most, own, pid)


def test_a_program_may_hold_what_its_pod_is_given_and_no_more() -> None:
    given = pods_memory()
    assert given["monitoring"] == 1024.0
    assert given.keys() >= set(SERVICES)
    held = {
        "gateway": holding(100.0, most=given["gateway"]),
        "feature": holding(100.0, most=given["feature"] + 1),
        "kafka": holding(9999.0, most=9999.0),
    }
    assert swollen(held, given) == ("feature",)


def test_the_most_of_each_quarter_is_told() -> None:
    looks = {"ledger": [1.0, 2.0, 4.0, 3.0, 5.0, 5.0, 1.0, 9.0]}
    assert quarters(looks) == ["ledger            2 / 4 / 5 / 9 MB"]


def test_what_holds_more_in_the_last_quarter_than_in_the_second_grows() -> None:
    flat = [holding(each) for each in (10, 150, 200, 200, 190, 180, 205, 219)]
    grows = [*flat[:-1], holding(221)]
    assert grown({"flat": flat, "grows": grows}) == ("grows",)


def test_a_few_megabytes_are_no_growth_however_small_a_program_is() -> None:
    assert grown({"small": [holding(each) for each in (5, 5, 5, 14.9)]}) == ()
    assert grown({"small": [holding(each) for each in (5, 5, 5, 15.1)]}) == ("small",)


def test_what_was_started_again_or_started_others_does_not_grow() -> None:
    again = [holding(100), holding(100), holding(100, pid=2), holding(200, pid=2)]
    reports = [holding(100), holding(100), holding(100), holding(100, started=300)]
    assert grown({"again": again, "reports": reports}) == ()


def test_a_look_or_two_tell_of_no_growth() -> None:
    assert grown({"new": [holding(100)]}) == ()
