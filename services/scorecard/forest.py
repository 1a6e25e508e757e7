"""The trees of a booster as arrays: binary trees of depth 3, shallower ones being filled up."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.booster_document import BoosterDocument, Learner, Tree

DEPTH: Final = 3
NODES: Final = 2**DEPTH - 1
LEAVES: Final = 2**DEPTH
LOWEST: Final = float(np.finfo(np.float32).min)
"""Stands for a threshold of -inf, by which XGBoost parts what is missing from every number: no number is less
than either, and a missing value, which is read as -inf where it goes left, is less than this one alone."""


class UnsupportedBoosterError(ValueError):
    """A booster of another kind than single-output binary trees of depth 3 or less; says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees with 7 nodes, the root first and then level by level, and 8 leaves from left to right.

    A node that fills up a shallow tree sends every row left and splits nothing.
    """

    base_margin: np.float32
    """Log-odds that the trees add to."""
    features: NDArray[np.intp]
    """Column that a node looks at, shape (trees, 7)."""
    thresholds: NDArray[np.float32]
    """A row goes left if its value is less, shape (trees, 7)."""
    missing_left: NDArray[np.bool_]
    """Whether a row without the value goes left, shape (trees, 7)."""
    left_shares: NDArray[np.float64]
    """Share of the training rows at the node that went left, by their hessians, shape (trees, 7)."""
    filling: NDArray[np.bool_]
    """Whether the node fills up, shape (trees, 7)."""
    leaves: NDArray[np.float32]
    """Log-odds that a leaf adds, shape (trees, 8)."""


def forest_of(document: BoosterDocument, base_margin: float) -> Forest:
    """Read a booster's trees. Raises UnsupportedBoosterError where they are not of this kind.

    `base_margin` is XGBoost's own: numpy's logarithm of the base score may differ from it in a bit.
    """
    _check(document.learner)
    trees = document.learner.gradient_booster.trees()
    shape = (len(trees), NODES)
    forest = Forest(
        base_margin=np.float32(base_margin),
        features=np.zeros(shape, dtype=np.intp),
        thresholds=np.full(shape, np.inf, dtype=np.float32),
        missing_left=np.ones(shape, dtype=np.bool_),
        left_shares=np.ones(shape),
        filling=np.ones(shape, dtype=np.bool_),
        leaves=np.zeros((len(trees), LEAVES), dtype=np.float32),
    )
    for place, tree in enumerate(trees):
        _fill(forest, place, tree, node=0, position=0)
    return forest


def _check(learner: Learner) -> None:
    gradient_booster, parameters = learner.gradient_booster, learner.learner_model_param
    if gradient_booster.name != "gbtree":
        raise UnsupportedBoosterError(f"its kind is {gradient_booster.name}, not gbtree")
    if parameters.num_class > 1 or parameters.num_target > 1:
        raise UnsupportedBoosterError("it predicts several numbers")
    if any(any(tree.split_type) for tree in gradient_booster.trees()):
        raise UnsupportedBoosterError("it splits on native categories")


def _fill(forest: Forest, place: int, tree: Tree, node: int, position: int) -> None:
    left, right = tree.left_children[node], tree.right_children[node]
    if left == -1:
        forest.leaves[place, _leftmost_leaf(position)] = tree.split_conditions[node]
        return
    if position >= NODES:
        raise UnsupportedBoosterError(f"it has trees deeper than {DEPTH}")
    weight = tree.sum_hessian[node]
    if weight == 0:
        raise UnsupportedBoosterError("it splits where no training row has any weight")
    forest.features[place, position] = tree.split_indices[node]
    forest.thresholds[place, position] = max(tree.split_conditions[node], LOWEST)
    forest.missing_left[place, position] = tree.default_left[node]
    forest.left_shares[place, position] = tree.sum_hessian[left] / weight
    forest.filling[place, position] = False
    _fill(forest, place, tree, left, 2 * position + 1)
    _fill(forest, place, tree, right, 2 * position + 2)


def _leftmost_leaf(position: int) -> int:
    while position < NODES:
        position = 2 * position + 1
    return position - NODES
