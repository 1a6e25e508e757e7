"""What a curve says at a threshold that it was not measured at."""

from bisect import bisect_left
from collections.abc import Sequence


def at_threshold(thresholds: Sequence[float], values: Sequence[float], wanted: float) -> float:
    """Return the value between those of the nearest thresholds, which must be in order."""
    place = bisect_left(thresholds, wanted)
    if place == 0 or place == len(thresholds):
        return values[min(place, len(values) - 1)]
    before, after = thresholds[place - 1], thresholds[place]
    share = (wanted - before) / (after - before)
    return values[place - 1] + share * (values[place] - values[place - 1])
