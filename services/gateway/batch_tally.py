"""Counts of a batch's decisions by outcome and score: all that is told of it, and fixed in size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.gateway.batch_resources import ScoreBand

OUTCOMES: Final = ("approved", "refused", "review")
LOWEST_SCORE, BAND, BANDS = 300, 25, 22
CELLS: Final = BANDS * len(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Tally:
    """A count for each band of scores and outcome: first all outcomes of the lowest band."""

    counts: Sequence[int] = (0,) * CELLS

    @classmethod
    def of_cells(cls, cells: Iterable[int] | None, counts: Iterable[int] | None) -> Self:
        """Return the tally that has these counts at these places, and none elsewhere."""
        by_cell = dict(zip(cells or (), counts or (), strict=True))
        return cls(tuple(by_cell.get(cell, 0) for cell in range(CELLS)))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(tuple(one + another for one, another in zip(self.counts, other.counts, strict=True)))

    def decided(self) -> int:
        """Return how many decisions there are."""
        return sum(self.counts)

    def of(self, outcome: str) -> int:
        """Return how many decisions had an outcome."""
        return sum(self.counts[OUTCOMES.index(outcome) :: len(OUTCOMES)])

    def histogram(self) -> tuple[ScoreBand, ...]:
        """Return the counts of each band of scores."""
        return tuple(
            ScoreBand(
                from_=LOWEST_SCORE + band * BAND,
                to=LOWEST_SCORE + (band + 1) * BAND,
                **dict(zip(OUTCOMES, self.counts[3 * band : 3 * band + 3], strict=True)),
            )
            for band in range(BANDS)
        )
