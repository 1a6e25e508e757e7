from services.gateway.lookup import Accepted
from services.gateway.states import ApplicationState
from tests.unit.gateway.conftest import NOW


def state(name: str, size: int) -> ApplicationState:
    return ApplicationState(name, "received", None, NOW, bytes(size))


def known(accepted: Accepted, names: str) -> str:
    return "".join(name for name in names if accepted.find(name))


def test_the_latest_applications_are_remembered() -> None:
    accepted = Accepted(remembered=2, most_bytes=1_000)
    for name in "abc":
        accepted.add(state(name, 10))
    assert known(accepted, "abc") == "bc"


def test_no_more_bytes_are_remembered_than_are_allowed() -> None:
    accepted = Accepted(remembered=100, most_bytes=1_000)
    for name in "abc":
        accepted.add(state(name, 400))
    assert known(accepted, "abc") == "bc"
    accepted.add(state("c", 100))
    accepted.add(state("d", 500))
    assert known(accepted, "abcd") == "bcd"
    accepted.add(state("e", 1_001))
    assert known(accepted, "abcde") == ""
    accepted.add(state("f", 1_000))
    assert known(accepted, "abcdef") == "f"
