"""The figures of a threshold on a curve that was measured at some."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LEAST, STEP = 0.005, 0.001


def thresholds_up_to(end: float) -> tuple[float, ...]:
    """Return the thresholds that a reader can choose."""
    return tuple(round(LEAST + STEP * place, 3) for place in range(round((end - LEAST) / STEP) + 1))


def figure_at(curve: Mapping[str, Any], name: str, threshold: float) -> float:
    """Return a figure at a threshold, between two that were measured on a straight line."""
    measured: Sequence[float] = curve["thresholds"]
    return float(np.interp(threshold, measured, curve[name]))
