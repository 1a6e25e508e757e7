"""Many lines at once: each row of values is read off a line of its own, but not line by line."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Line = tuple[Sequence[float], Sequence[float]]
"""Points, rising, and the heights there."""
CHUNK: Final = 128
"""Values of a line at a time, so that what lies in between stays in the processor's cache."""
FEW: Final = 8
"""Values of a line up to which one search for each is faster than halving for all of them together."""


class Lines:
    """Straight between their points, level beyond both ends.

    What numpy.interp gives of each, to the bit where that does not multiply and add in one.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        """Take the lines, of at least one point each."""
        width = 1 << (max((len(points) for points, _ in lines), default=1) - 1).bit_length()
        self._halves = [width >> halved for halved in range(1, width.bit_length())]
        self._numbers = np.arange(len(lines))[:, np.newaxis]
        self._begins = self._numbers * width
        points, heights, slopes = np.full((len(lines), width), np.inf), *np.zeros((2, len(lines), width))
        for line, (xs, ys) in enumerate(lines):
            points[line, : len(xs)], heights[line, : len(xs)] = xs, ys
            slopes[line, : len(xs) - 1] = np.diff(ys) / np.diff(xs)
        self._firsts = points[:, :1]
        self._lasts = np.array([xs[-1] for xs, _ in lines], dtype=np.float64)[:, np.newaxis]
        self._keys = _keys(self._numbers, points).ravel()
        self._points, self._heights, self._slopes = points.ravel(), heights.ravel(), slopes.ravel()

    def read(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the heights at `values`, both of shape (lines, values); NaN where there is none."""
        heights = np.empty(values.shape)
        for start in range(0, values.shape[1], CHUNK):
            part = slice(start, start + CHUNK)
            heights[:, part] = self._read(values[:, part])
        return heights

    def _read(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        inside: NDArray[np.float64] = np.minimum(np.maximum(values, self._firsts), self._lasts)
        places = self._searched(inside) if values.shape[1] <= FEW else self._halved(inside)
        rise = _at(self._slopes, places) * (inside - _at(self._points, places))
        return rise + _at(self._heights, places)

    def _searched(self, inside: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the place of the last point that is not beyond each value."""
        return self._keys.searchsorted(_keys(self._numbers, inside), side="right") - 1

    def _halved(self, inside: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the same for many values of each line: all are compared together, once for a bit."""
        places = np.repeat(self._begins, inside.shape[1], axis=1)
        for half in self._halves:
            places += half * (_at(self._points, places + half) <= inside)
        return places


def _keys(numbers: NDArray[np.intp], values: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Put the number of the line before each value: complex numbers are in order by the first part first."""
    keys = np.empty(values.shape, dtype=np.complex128)
    keys.real, keys.imag = numbers, values
    return keys


def _at(table: NDArray[np.float64], places: NDArray[np.intp]) -> NDArray[np.float64]:
    # All places are within: to have them clipped takes numpy half of what looking for one that is not does.
    return table.take(places, mode="clip")
