from collections.abc import Collection

from tests.chaos.acknowledged import Place
from tests.chaos.recovery import places, still_out

WENT_TO: dict[Place, list[str]] = {0: ["a", "b"], 1: ["c"], "REST": ["d"]}


def still(awaited: set[Place], *recorded: str) -> set[Place]:
    def known(names: Collection[str]) -> set[str]:
        return {*names} & {*recorded}

    return still_out(awaited, lambda place: WENT_TO.get(place, []), known)


def test_every_partition_is_awaited_and_rest() -> None:
    assert places(2) == {0, 1, "REST"}


def test_a_partition_is_back_once_one_of_its_own_is_recorded() -> None:
    assert still({0, 1}, "b") == {1}
    assert still({0, 1}, "a", "c") == set()
    assert still({0, 1, "REST"}, "a", "b", "c") == {"REST"}


def test_a_partition_that_nothing_went_to_is_awaited() -> None:
    assert still({0, 2}, "a", "b", "c", "d") == {2}
