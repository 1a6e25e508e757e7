"""Random numbers by name, and the distributions they are poured into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
Switch = NDArray[np.bool_]
Codes = NDArray[np.intp]
Columns = dict[str, NDArray[Any]]
"""Columns of one chunk by name. A name in lower case is a hidden cause and is never written."""

_LOGIT_OF_NORMAL = 1.702
"""The logistic curve with this slope is the normal distribution function to within 0.01."""


class Dice:
    """Streams of random numbers, one for each name, thrown for a chunk of rows at a time.

    A stream goes on from one chunk to the next, so the size of a chunk changes nothing, and a new name
    leaves the others as they were. For that, a chunk must throw each name exactly once.
    """

    def __init__(self, seed: int, table: str, rows: int) -> None:
        self._seed = seed
        self._table = table
        self._rows = rows
        self._streams: dict[str, np.random.Generator] = {}

    def uniform(self, name: str) -> Numbers:
        """Throw uniform numbers in [0, 1)."""
        return self._stream(name).random(self._rows)

    def normal(self, name: str) -> Numbers:
        """Throw standard normal numbers."""
        return self._stream(name).standard_normal(self._rows)

    def chance(self, name: str, share: ArrayLike) -> Switch:
        """Throw true with the given share: one number, or one for each row."""
        return self.uniform(name) < np.asarray(share)

    def pick(self, name: str, weights: ArrayLike) -> Codes:
        """Throw positions in a list of weights: one list, or one for each row."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64), axis=-1)
        edges = edges[..., :-1] / edges[..., -1:]
        return np.asarray((self.uniform(name)[:, None] >= edges).sum(axis=1))

    def word(self, name: str, shares: Mapping[str, ArrayLike], row: Codes | None = None) -> NDArray[np.str_]:
        """Throw words by their shares; where a word has several shares, `row` says which one counts."""
        weights = np.array([*shares.values()]).T
        return words(tuple(shares), self.pick(name, weights if row is None else weights[row]))

    def _stream(self, name: str) -> np.random.Generator:
        if name not in self._streams:
            self._streams[name] = np.random.default_rng([self._seed, *f"{self._table}/{name}".encode()])
        return self._streams[name]


@dataclass(frozen=True, slots=True)
class Kumaraswamy:
    """A distribution between two bounds with the inverse in closed form (Kumaraswamy, 1980)."""

    power: float
    tail: float
    low: float
    high: float

    def at(self, normal: Numbers) -> Numbers:
        """Turn standard normal numbers into this distribution, in the same order."""
        ranks = rank(normal)
        return self.low + (self.high - self.low) * (1 - (1 - ranks) ** (1 / self.tail)) ** (1 / self.power)


def rank(normal: Numbers) -> Numbers:
    """Give the share of a standard normal population below each number."""
    return np.asarray(1 / (1 + np.exp(-_LOGIT_OF_NORMAL * normal)))


def normal_of(ranks: ArrayLike) -> Numbers:
    """Give the standard normal number with this share below it: the inverse of `rank`."""
    share = np.asarray(ranks, dtype=np.float64)
    return np.asarray(np.log(share / (1 - share)) / _LOGIT_OF_NORMAL)


def on_grid(values: Numbers, step: Numbers | float) -> Numbers:
    """Round to whole steps."""
    return np.asarray(np.round(values / step) * step)


def words(names: tuple[str, ...], codes: ArrayLike) -> NDArray[np.str_]:
    """Give the word at each position."""
    return np.array(names)[np.asarray(codes, dtype=np.intp)]


def blank(values: NDArray[Any], where: Switch) -> Numbers:
    """Empty the cells where the switch is on."""
    return np.where(where, np.nan, values)
