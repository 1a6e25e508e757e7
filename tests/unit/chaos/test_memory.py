from tests.chaos.faults import SERVICES
from tests.chaos.memory import Held, pods_memory, quarters, swollen


def test_a_program_may_hold_what_its_pod_is_given_and_no_more() -> None:
    given = pods_memory()
    assert given["monitoring"] == 1024.0
    assert given.keys() >= set(SERVICES)
    held = {
        "gateway": Held(now=100.0, most=given["gateway"]),
        "feature": Held(now=100.0, most=given["feature"] + 1),
        "kafka": Held(now=9999.0, most=9999.0),
    }
    assert swollen(held, given) == ("feature",)


def test_the_most_of_each_quarter_is_told() -> None:
    looks = {"ledger": [1.0, 2.0, 4.0, 3.0, 5.0, 5.0, 1.0, 9.0]}
    assert quarters(looks) == ["ledger            2 / 4 / 5 / 9 MB"]
