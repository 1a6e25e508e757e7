"""Where an engine is back: an application that came after the fault is decided and recorded there."""

from collections.abc import Callable, Collection, Sequence

from tests.chaos.acknowledged import Place

FIRST = 10
"""Applications of each place that are asked for: within a partition the first of all is decided first."""


def places(partitions: int) -> set[Place]:
    """Return where applications must be recorded again.

    That is every partition: one that stands still would not show in the others. Of those by REST one is
    enough: which partition it goes to is not the gateway's choice.
    """
    return {"REST", *range(partitions)}


def still_out(
    awaited: Collection[Place],
    first: Callable[[Place], Sequence[str]],
    recorded: Callable[[Collection[str]], Collection[str]],
) -> set[Place]:
    """Return the places where none of the first applications is recorded."""
    names = {place: first(place) for place in awaited}
    known = set(recorded([name for each in names.values() for name in each]))
    return {place for place, each in names.items() if known.isdisjoint(each)}
