"""Quantiles of what was measured."""

from collections.abc import Sequence
from math import nan


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values, which are in order, do not pass; NaN of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else nan
