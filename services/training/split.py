"""Parts the rows that a campaign may look at from those that only its end sees."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.performance import Defaulted

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9), np.uint64(27), np.uint64(0x94D049BB133111EB))


def untouched(identifiers: NDArray[np.int64], defaulted: Defaulted, share: float) -> NDArray[np.bool_]:
    """Return which rows are set apart: a share of the defaulters, and the same of the others.

    A row's place depends on its client alone and not on a seed, so that a later campaign on the same table
    sets the same clients apart, or some of them with a smaller share, and a champion is judged on rows that
    it has not seen either.
    """
    apart = np.zeros(len(defaulted), dtype=np.bool_)
    order = _scrambled(identifiers)
    for kind in (defaulted, ~defaulted):
        rows = np.flatnonzero(kind)
        first = rows[np.argsort(order[rows], kind="stable")]
        apart[first[: round(share * len(rows))]] = True
    return apart


def _scrambled(identifiers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a number that looks random for each client. Source: Steele and others, SplitMix64 (2014)."""
    shift, factor, second_shift, second_factor = _MIX
    mixed = identifiers.astype(np.uint64) * _MULTIPLIER
    mixed = (mixed ^ (mixed >> shift)) * factor
    mixed = (mixed ^ (mixed >> second_shift)) * second_factor
    return mixed ^ (mixed >> np.uint64(31))
