"""Margins and contributions of a batch from tree tables: arrays in, arrays out.

All places that are looked up are within: clipping costs numpy less than looking for one that is not.
"""

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
        places = _places(tables, matrix[rows])
        margins[rows] = _margins(tables, places)
        by_tree = tables.contributions.take(places.T, axis=0, mode="clip")
        series = by_tree.reshape(len(by_tree), -1).take(tables.series, axis=1, mode="clip")
        contributions[rows, tables.groups] = np.add.reduceat(series, tables.starts, axis=1)
    return margins, contributions


def look_up_margins(tables: TreeTables, matrix: Matrix) -> NDArray[np.float32]:
    """Margins alone, shape (rows,), as `look_up` gives them: for half of the time."""
    margins = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), CHUNK):
        rows = slice(start, start + CHUNK)
        margins[rows] = _margins(tables, _places(tables, matrix[rows]))
    return margins


def _margins(tables: TreeTables, places: NDArray[np.intp]) -> NDArray[np.float32]:
    return sum_in_order(tables.base_margin, tables.margins.take(places, mode="clip"))


def _places(tables: TreeTables, matrix: Matrix) -> NDArray[np.intp]:
    """Where each row's pattern of each tree stands in the tables, shape (trees, rows).

    The pattern has a bit for each node: whether it sends the row left.
    """
    rows, features = matrix.shape
    doubled = np.empty((2 * features, rows), dtype=np.float32)
    doubled[features:] = matrix.T
    # NaN is less than no threshold: the row goes right. -inf, which stands for it here, goes left.
    np.fmax(doubled[features:], np.float32(-np.inf), out=doubled[:features])
    left = doubled.take(tables.columns, axis=0, mode="clip") < tables.thresholds
    bits = left.view(np.uint8).reshape(NODES, -1, rows) * _BITS
    places: NDArray[np.intp] = np.add.reduce(bits, axis=0, dtype=np.uint8) + tables.begins
    return places


def sum_in_order(base: Number, values: NDArray[Number]) -> NDArray[Number]:
    """Add the values of a (trees, rows) array to the base, one tree after the other, in their own type."""
    if values.shape[1] == 1:
        # numpy would add a single column in pairs, which rounds otherwise.
        series = np.empty(len(values) + 1, dtype=values.dtype)
        series[0], series[1:] = base, values[:, 0]
        return np.add.accumulate(series)[-1:]
    total: NDArray[Number] = np.add.reduce(values, axis=0, initial=base)
    return total
