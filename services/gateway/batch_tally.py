"""Counts of a batch's decisions by outcome and score: all that is told of it, and fixed in size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.contracts.events import HIGHEST_SCORE, LOWEST_SCORE, OUTCOMES, Outcome
from services.gateway.batch_resources import ScoreBand

BAND: Final = 25
"""Points; the last band has the highest score, too."""
BANDS: Final = (HIGHEST_SCORE - LOWEST_SCORE) // BAND
CELLS: Final = BANDS * len(OUTCOMES)
CELL: Final = (
    f"least((score - {LOWEST_SCORE}) / {BAND}, {BANDS - 1}) * {len(OUTCOMES)}"
    f" + array_position('{{{','.join(OUTCOMES)}}}', outcome) - 1"
)
"""The place of a decision in a tally, as PostgreSQL works it out."""


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

    def of(self, outcome: Outcome) -> int:
        """Return how many decisions had an outcome."""
        return sum(self.counts[OUTCOMES.index(outcome) :: len(OUTCOMES)])

    def histogram(self) -> tuple[ScoreBand, ...]:
        """Return the counts of each band of scores."""
        width = len(OUTCOMES)
        return tuple(
            ScoreBand(
                from_=LOWEST_SCORE + band * BAND,
                to=LOWEST_SCORE + (band + 1) * BAND,
                **dict(zip(OUTCOMES, self.counts[width * band : width * (band + 1)], strict=True)),
            )
            for band in range(BANDS)
        )
