"""Margins and contributions of a batch from tree tables: arrays in, arrays out."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import Matrix
from services.scorecard.forest import NODES
from services.scorecard.tree_tables import TreeTables

Number = TypeVar("Number", np.float32, np.float64)
CHUNK: Final = 64
"""Rows at a time, so that what lies in between stays in the processor's cache."""
_BITS: Final = (1 << np.arange(NODES, dtype=np.uint8))[:, None, None]


def look_up(tables: TreeTables, matrix: Matrix) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Margins, shape (rows,), and contributions of the groups to them, shape (rows, groups).

    Margins are equal to XGBoost's to the bit, since trees are added in its order and in float32.
    """
    margins = np.empty(len(matrix), dtype=np.float32)
    contributions = np.zeros((len(matrix), tables.all_groups), dtype=np.float32)
    for start in range(0, len(matrix), CHUNK):
        rows = slice(start, start + CHUNK)
        patterns = _patterns(tables, matrix[rows])
        values = tables.values.take(patterns.take(tables.trees, axis=0) + tables.offsets)
        series = len(values) - len(patterns)
        margins[rows] = sum_in_order(tables.base_margin, values[series:])
        by_group = np.add.reduceat(values[:series], tables.starts, axis=0)
        contributions[rows, tables.groups] = by_group.T
    return margins, contributions


def look_up_margins(tables: TreeTables, matrix: Matrix) -> NDArray[np.float32]:
    """Margins alone, shape (rows,), as `look_up` gives them: for half of the time."""
    margins = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), CHUNK):
        rows = slice(start, start + CHUNK)
        patterns = _patterns(tables, matrix[rows])
        own = tables.offsets[len(tables.offsets) - len(patterns) :]
        margins[rows] = sum_in_order(tables.base_margin, tables.values.take(patterns + own))
    return margins


def _patterns(tables: TreeTables, matrix: Matrix) -> NDArray[np.uint8]:
    """Which nodes of each tree send each row left, as the bits of a number, shape (trees, rows)."""
    rows, features = matrix.shape
    doubled = np.empty((2 * features, rows), dtype=np.float32)
    doubled[features:] = matrix.T
    # Less than every threshold: the row goes left. NaN, below, is less than none: it goes right.
    doubled[:features] = np.where(np.isnan(doubled[features:]), -np.inf, doubled[features:])
    left = doubled.take(tables.columns, axis=0) < tables.thresholds
    bits = left.view(np.uint8).reshape(NODES, -1, rows) * _BITS
    patterns: NDArray[np.uint8] = np.add.reduce(bits, axis=0, dtype=np.uint8)
    return patterns


def sum_in_order(base: Number, values: NDArray[Number]) -> NDArray[Number]:
    """Add the values of a (trees, rows) array to the base, one tree after the other, in their own type."""
    if values.shape[1] == 1:
        # numpy would add a single column in pairs, which rounds otherwise.
        return np.add.accumulate(np.append(base, values[:, 0]), dtype=values.dtype)[-1:]
    total: NDArray[Number] = np.add.reduce(values, axis=0, initial=base)
    return total
