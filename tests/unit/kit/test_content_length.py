import pytest
from starlette.datastructures import Headers

from services.kit.content_length import announced_length


@pytest.mark.parametrize(
    ("told", "length"),
    [("0", 0), ("12", 12), ("0" * 5_000 + "2", 2), ("", 0), ("-1", 0), ("1e3", 0), ("+5", 0)],
)
def test_a_length_is_what_its_digits_tell(told: str, length: int) -> None:
    assert announced_length(Headers({"content-length": told})) == length


def test_a_length_of_thousands_of_digits_is_a_large_one() -> None:
    assert announced_length(Headers({"content-length": "9" * 5_000})) > 10**15


def test_without_a_length_there_is_none() -> None:
    assert announced_length(Headers({})) == 0
