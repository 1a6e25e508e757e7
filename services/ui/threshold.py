"""Where a threshold stands on a curve that was measured at some."""

from bisect import bisect_left
from collections.abc import Sequence


def nearest(thresholds: Sequence[float], wanted: float) -> int:
    """Return the place of the threshold nearest to the one that is wanted; they must be in order."""
    place = bisect_left(thresholds, wanted)
    if place == 0:
        return 0
    if place == len(thresholds):
        return place - 1
    before, after = thresholds[place - 1], thresholds[place]
    return place if after - wanted < wanted - before else place - 1
