import pytest
from starlette.requests import Request

from services.gateway.problems import ProblemError
from services.gateway.reading import read_idempotency_key, read_wait


def request(*headers: tuple[str, str]) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("Wait = 5", 5),
        ('wait="5"', 5),
        ("respond-async, wait=5", 5),
        ("wait=0", 0),
        ("wait=3600", 30),
        ("wait=soon", None),
        ("wait=-1", None),
        ("return=minimal", None),
    ],
)
def test_prefer_wait_is_whole_seconds_up_to_the_longest(header: str, seconds: int | None) -> None:
    assert read_wait(request(("prefer", header)), longest=30) == seconds


def test_prefer_may_come_in_several_headers() -> None:
    assert read_wait(request(("prefer", "respond-async"), ("prefer", "wait=7")), longest=30) == 7


def test_without_prefer_nothing_is_waited_for() -> None:
    assert read_wait(request(), longest=30) is None


@pytest.mark.parametrize(("header", "key"), [("order-1", "order-1"), ('"order-1"', "order-1")])
def test_an_idempotency_key_may_be_quoted(header: str, key: str) -> None:
    assert read_idempotency_key(request(("idempotency-key", header))) == key


@pytest.mark.parametrize("header", ["", "two words", "x" * 256, "\u00fcmlaut"])
def test_an_unfit_idempotency_key_is_named(header: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_idempotency_key(request(("idempotency-key", header)))
    errors = caught.value.problem().errors
    assert errors is not None
    assert errors[0].field == "header.Idempotency-Key"
