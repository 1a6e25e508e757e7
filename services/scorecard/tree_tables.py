"""TreeSHAP of trees of depth 3 as tables, worked out when a model is loaded.

The 7 decisions of a tree make 128 patterns, and each of them fixes what the tree adds to the margin and
what every feature contributes to that. For a leaf of value v, let o be 1 if the row passes all of a
feature's nodes on the leaf's path, else 0, and z the share of training rows that do. With three features
j, a and b on the path, j contributes v (o_j - z_j) ((z_a z_b + o_a o_b) / 3 + (o_a z_b + z_a o_b) / 6).
A feature with o = z = 1 changes nothing, so that shorter paths need no formula of their own.
Source: Lundberg et al., Consistent Individualized Feature Attribution for Tree Ensembles (2018).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.forest import DEPTH, LEAVES, NODES, Forest

PATTERNS: Final = 2**NODES
SLOTS: Final = NODES + 1
"""Numbers to a pattern of a tree, one for each group that it may split on: numpy copies 32 bytes fastest."""
_OTHERS: Final = ((1, 2), (0, 2), (0, 1))

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TreeTables:
    """Tables of one forest.

    A series is what one tree contributes to one group of features. Each tree has a slot for each of its own.
    """

    base_margin: np.float32
    columns: NDArray[np.intp]
    """What each node reads of a row that is doubled: with -inf where missing, then as it is. (7 * trees,)."""
    thresholds: NDArray[np.float32]
    """Shape (7 * trees, 1)."""
    begins: NDArray[np.intp]
    """Where the patterns of each tree begin in what follows, shape (trees, 1)."""
    margins: NDArray[np.float32]
    """What a tree adds to the margin, shape (trees * patterns,)."""
    contributions: NDArray[np.float32]
    """What it contributes to each group of its own, shape (trees * patterns, slots)."""
    series: NDArray[np.intp]
    """Slot, counted over all trees, of each series, in the order of the groups."""
    starts: NDArray[np.intp]
    """First series of each group that has any."""
    groups: NDArray[np.intp]
    """The groups that have any."""
    all_groups: int
    """How many groups there are."""


def tables_of(forest: Forest, groups: NDArray[np.intp]) -> TreeTables:
    """Build the tables of a forest. `groups` has the group of each feature, 0 and up, shape (features,)."""
    trees = len(forest.features)
    places, nodes = np.nonzero(~forest.filling)
    keys, series_of_node = np.unique(
        groups[forest.features[places, nodes]] * trees + places, return_inverse=True
    )
    slots = _slots(keys % trees)
    table = np.zeros((trees, SLOTS, PATTERNS))
    contributions, margins = _worked_out(forest)
    np.add.at(table, (places, slots[series_of_node]), contributions[places, :, nodes])
    present, starts = np.unique(keys // trees, return_index=True)
    doubled = forest.features + np.where(forest.missing_left, 0, len(groups))
    return TreeTables(
        base_margin=forest.base_margin,
        columns=doubled.T.ravel(),
        thresholds=forest.thresholds.T.reshape(-1, 1),
        begins=np.arange(trees)[:, None] * PATTERNS,
        margins=margins.astype(np.float32).ravel(),
        contributions=table.transpose(0, 2, 1).astype(np.float32).reshape(-1, SLOTS),
        series=keys % trees * SLOTS + slots,
        starts=starts,
        groups=present,
        all_groups=int(groups.max()) + 1,
    )


def _slots(trees: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return each series' place among those of its tree; `trees` has the tree of each series."""
    order = np.argsort(trees, kind="stable")
    _, firsts, lengths = np.unique(trees[order], return_index=True, return_counts=True)
    slots = np.empty(len(trees), dtype=np.intp)
    slots[order] = np.arange(len(trees)) - np.repeat(firsts, lengths)
    return slots


def _worked_out(forest: Forest) -> tuple[Shares, Shares]:
    """Contributions (trees, patterns, nodes) of each node's feature, and margins (trees, patterns)."""
    trees = len(forest.features)
    contributions, margins = np.zeros((trees, PATTERNS, NODES)), np.zeros((trees, PATTERNS))
    for leaf in range(LEAVES):
        value = forest.leaves[:, leaf, None].astype(np.float64)
        path, o, z = _path(forest, leaf)
        margins += value * o.prod(axis=0)
        for j, (a, b) in enumerate(_OTHERS):
            weight = (z[a] * z[b] + o[a] * o[b]) / 3 + (o[a] * z[b] + z[a] * o[b]) / 6
            contributions[:, :, path[j]] += value * (o[j] - z[j]) * weight
    return contributions, margins


def _path(forest: Forest, leaf: int) -> tuple[list[int], Shares, Shares]:
    """Nodes from the root to a leaf, and o (3, trees, patterns) and z (3, trees, 1) of their features."""
    path = [2**level - 1 + (leaf >> (DEPTH - level)) for level in range(DEPTH)]
    left = np.array([not leaf >> (DEPTH - 1 - level) & 1 for level in range(DEPTH)])[:, None, None]
    decided_left = (np.arange(PATTERNS) >> np.array(path)[:, None, None]) & 1 == 1
    filling = forest.filling.T[path, :, None]
    shares = forest.left_shares.T[path, :, None]
    o = np.where(filling | (decided_left == left), 1.0, 0.0)
    z = np.where(filling, 1.0, np.where(left, shares, 1 - shares))
    features = np.where(filling, -1, forest.features.T[path, :, None])
    return path, _gathered(o, features), _gathered(z, features)


def _gathered(factors: Shares, features: NDArray[np.intp]) -> Shares:
    """Gather at its first node a feature that stands on the path more than once, and leave 1 behind."""
    for first, later in ((0, 1), (0, 2), (1, 2)):
        same = features[first] == features[later]
        factors[first] *= np.where(same, factors[later], 1.0)
        factors[later] = np.where(same, 1.0, factors[later])
    return factors
