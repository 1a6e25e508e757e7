from collections.abc import Iterator
from threading import Barrier

import pytest

from services.scorecard import ahead
from services.scorecard.ahead import made_ahead


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "cpu_count", lambda: 2)


@pytest.mark.parametrize("items", [[], [3], [3, 1, 2, 5, 4]])
def test_everything_comes_in_order(items: list[int]) -> None:
    assert list(made_ahead(str, items)) == [str(item) for item in items]


def test_two_are_made_at_a_time() -> None:
    # Nobody passes alone.
    both = Barrier(2)
    assert sorted(made_ahead(lambda _: both.wait(60), range(4))) == [0, 0, 1, 1]


def test_no_more_is_taken_than_is_made_soon() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    made = made_ahead(str, items())
    assert next(made) == "0"
    assert taken == [0, 1, 2]


def test_a_fault_comes_after_what_was_made_before_it() -> None:
    made = made_ahead(lambda number: 6 // number, [3, 2, 0, 1])
    assert [next(made), next(made)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(made)
