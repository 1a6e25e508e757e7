"""Boosters on noise, and matrices that meet their thresholds."""

import re
from typing import Any

import numpy as np
import xgboost

from services.scorecard.booster import BoosterExplainer, saved
from services.scorecard.booster_document import BoosterDocument
from services.scorecard.catalogue import Matrix
from services.scorecard.explanation import Explainer, explainer_of
from services.scorecard.forest import Forest, forest_of

FEATURES = 9
GROUPS = np.array([0, 1, 2, 0, 4, 1, 2, 4, 4], dtype=np.intp)
"""Group of each feature; group 3 has none."""


def noise(seed: int, rows: int, *, missing: float = 0.25) -> Matrix:
    """Return a matrix of a few distinct values per column, so that rows meet thresholds."""
    random = np.random.default_rng(seed)
    matrix = random.integers(-8, 9, (rows, FEATURES)).astype(np.float32) / np.float32(7)
    matrix[random.random(matrix.shape) < missing] = np.nan
    return matrix


def trained(depth: int, *, seed: int = 1, rounds: int = 40, **parameters: Any) -> xgboost.Booster:  # noqa: ANN401
    """Return a booster with a signal in its first column and an interaction of two others."""
    matrix = noise(seed, 600)
    known = np.nan_to_num(matrix, nan=0.3)
    chance = 1 / (1 + np.exp(1 - known[:, 0] - known[:, 1] * known[:, 2]))
    defaulted = np.random.default_rng(seed).random(len(matrix)) < chance
    chosen = {"max_depth": depth, "objective": "binary:logistic", "nthread": 1, "seed": seed, **parameters}
    return xgboost.train(chosen, xgboost.DMatrix(matrix, defaulted), num_boost_round=rounds)


def forest(booster: xgboost.Booster) -> Forest:
    """Return a booster's trees as a bundle would keep them."""
    content, probe = saved(booster)
    return forest_of(BoosterDocument.model_validate_json(content), probe.base_margin)


def explainer(booster: xgboost.Booster) -> Explainer:
    """Return the explainer of a booster that was saved, with its own probe."""
    content, probe = saved(booster)
    document = BoosterDocument.model_validate_json(content)
    return explainer_of(document, probe, GROUPS, lambda: BoosterExplainer(booster, GROUPS))


def thresholds(booster: xgboost.Booster) -> dict[int, list[float]]:
    """Return the thresholds of each column, as XGBoost's own dump has them."""
    found: dict[int, list[float]] = {}
    for tree in booster.get_dump():
        for column, threshold in re.findall(r"\[f(\d+)<([^\]]+)\]", tree):
            found.setdefault(int(column), []).append(float(threshold))
    return found
