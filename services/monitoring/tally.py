"""Counts and sums of a batch, added up for any part of its rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tally = NDArray[np.float64]
"""Counts and sums; what stands where, a layout says. Tallies of one layout are added as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Additions:
    """What each row of a batch adds to a tally, worked out for all of them at once."""

    size: int
    """Numbers in a tally."""
    places: NDArray[np.intp]
    """Where each row adds, shape (rows, additions)."""
    amounts: NDArray[np.float64]
    """What it adds there, same shape."""

    def all(self) -> Tally:
        """Return the tally of all rows."""
        return self._added(self.places, self.amounts)

    def of(self, rows: NDArray[np.intp]) -> Tally:
        """Return the tally of the rows at these places in the batch."""
        return self._added(self.places[rows], self.amounts[rows])

    def _added(self, places: NDArray[np.intp], amounts: NDArray[np.float64]) -> Tally:
        # Numbers of one place are added in the rows' order.
        tally: NDArray[Any] = np.bincount(places.ravel(), amounts.ravel(), self.size)
        return tally
