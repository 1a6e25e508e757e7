"""What needs XGBoost itself: saving a booster with its probe, and the explainer for every kind of booster.

Only training imports this module, and a model that tables cannot explain.
"""

from json import dumps, loads
from typing import Final, NamedTuple

import numpy as np
import xgboost
from numpy.typing import NDArray

from services.contracts.vector import pack
from services.scorecard.booster_document import BoosterDocument
from services.scorecard.bundle import BundleError
from services.scorecard.catalogue import Matrix
from services.scorecard.explanation import Explanation, by_group
from services.scorecard.probe import Probe

_PROBE_ROWS: Final = 64
_MISSING: Final = 0.2
_FINITE: Final = (np.finfo(np.float32).min, np.finfo(np.float32).max)


class SavedBooster(NamedTuple):
    """A booster as a bundle holds it."""

    booster: bytes
    probe: Probe


class BoosterExplainer:
    """Asks the booster itself: right for every kind, some 300 us a row, and 10 us without contributions."""

    def __init__(self, booster: xgboost.Booster, groups: NDArray[np.intp]) -> None:
        self._booster = booster
        self._groups = groups

    def explain(self, matrix: Matrix) -> Explanation:
        """Explain the rows of a matrix."""
        contributions = contributions_of(self._booster, matrix)
        return Explanation(self.margins(matrix), by_group(contributions, self._groups))

    def margins(self, matrix: Matrix) -> NDArray[np.float32]:
        """Give the margins that `explain` gives, faster."""
        return margins_of(self._booster, matrix)


def loaded(booster: bytes, threads: int) -> xgboost.Booster:
    """Load a booster that predicts on so many threads. Raises BundleError when XGBoost cannot read it."""
    empty = xgboost.Booster({"nthread": threads})
    try:
        empty.load_model(bytearray(booster))
    except xgboost.core.XGBoostError as error:
        raise BundleError(f"booster: XGBoost {xgboost.__version__} cannot read it ({error})") from error
    return empty


def saved(booster: xgboost.Booster) -> SavedBooster:
    """Return a booster of one output with the probe that it will be checked by wherever it is loaded."""
    content = bytes(booster.save_raw("json"))
    matrix = rows_around_thresholds(BoosterDocument.model_validate_json(content))
    probe = Probe(
        base_margin=_base_margin(content),
        rows=tuple(pack(matrix)),
        margins=pack(margins_of(booster, matrix)[np.newaxis])[0],
        contributions=tuple(pack(contributions_of(booster, matrix))),
    )
    return SavedBooster(content, probe)


def margins_of(booster: xgboost.Booster, matrix: Matrix, trees: int = 0) -> NDArray[np.float32]:
    """Margins of rows in the booster's column order, by its first trees or by all, shape (rows,)."""
    margins: NDArray[np.float32] = booster.inplace_predict(
        matrix, iteration_range=(0, trees), predict_type="margin", validate_features=False
    )
    return margins


def contributions_of(booster: xgboost.Booster, matrix: Matrix) -> NDArray[np.float32]:
    """Contributions of each feature to the margins, by exact TreeSHAP, shape (rows, features)."""
    rows = xgboost.DMatrix(matrix)
    explained: NDArray[np.float32] = booster.predict(rows, pred_contribs=True, validate_features=False)
    # The last column is what is expected of nobody in particular.
    return explained[:, :-1]


def rows_around_thresholds(document: BoosterDocument, rows: int = _PROBE_ROWS) -> Matrix:
    """Return rows to check with: cells at thresholds, just beside them, in between and missing."""
    random = np.random.default_rng(0)
    matrix = np.empty((rows, document.learner.learner_model_param.num_feature), dtype=np.float32)
    thresholds = _thresholds(document)
    for feature, column in enumerate(matrix.T):
        # XGBoost reads no infinite cell: a threshold may lie at the end of the numbers, and its neighbour
        # beyond.
        at = np.clip(thresholds.get(feature, ()), *_FINITE).astype(np.float32)
        near = [at, *(np.nextafter(at, end) for end in _FINITE)]
        column[:] = random.choice(np.concatenate([*near, at + 1, [0]]), rows)
    # Set apart, or a feature of many thresholds would never be missing.
    matrix[random.random(matrix.shape) < _MISSING] = np.nan
    return matrix


def _thresholds(document: BoosterDocument) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for tree in document.learner.gradient_booster.trees():
        nodes = zip(tree.left_children, tree.split_indices, tree.split_conditions, strict=True)
        for left, feature, threshold in nodes:
            if left != -1:
                found.setdefault(feature, []).append(threshold)
    return found


def _base_margin(content: bytes) -> float:
    """Ask the booster without its trees: nobody else's logarithm of the base score is sure to be the same."""
    model = loads(content)
    learner = model["learner"]
    # A booster of the kind dart holds its trees one level deeper.
    trees = learner["gradient_booster"].get("gbtree", learner["gradient_booster"])
    empty = {
        "trees": [],
        "tree_info": [],
        "iteration_indptr": [0],
        "gbtree_model_param": {"num_trees": "0", "num_parallel_tree": "1"},
    }
    changed = {
        **learner,
        "gradient_booster": {**trees, "model": {**trees["model"], **empty}},
        "learner_model_param": {**learner["learner_model_param"], "boost_from_average": "0"},
    }
    bare = loaded(dumps({**model, "learner": changed}).encode(), threads=1)
    return float(margins_of(bare, np.zeros((1, bare.num_features()), dtype=np.float32))[0])
