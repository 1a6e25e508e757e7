import logging

import numpy as np
import pytest

from services.scorecard.explanation import (
    BoosterExplainer,
    TableExplainer,
    faster_if_right,
    rows_around_thresholds,
)
from services.scorecard.forest import forest_of
from services.scorecard.tree_tables import tables_of
from tests.unit.scorecard.boosters import FEATURES, GROUPS, trained


def test_tables_that_differ_from_xgboost_are_not_used(caplog: pytest.LogCaptureFixture) -> None:
    booster, other = trained(3, seed=1), trained(3, seed=2)
    own = BoosterExplainer(booster, GROUPS)
    matrix = rows_around_thresholds(forest_of(booster), FEATURES)
    right = TableExplainer(tables_of(forest_of(booster), GROUPS))
    wrong = TableExplainer(tables_of(forest_of(other), GROUPS))
    assert faster_if_right(right, own, matrix) is right
    with caplog.at_level(logging.WARNING):
        assert faster_if_right(wrong, own, matrix) is own
    assert "differ from XGBoost's own" in caplog.text


def test_rows_to_check_lie_at_thresholds_and_beside_them_and_have_missing_cells() -> None:
    forest = forest_of(trained(3))
    matrix = rows_around_thresholds(forest, FEATURES)
    for feature in range(FEATURES):
        at = forest.thresholds[(forest.features == feature) & ~forest.filling]
        cells = set(matrix[:, feature][~np.isnan(matrix[:, feature])].tolist())
        assert cells & set(at.tolist())
        assert cells - set(at.tolist())
    assert np.isnan(matrix).any(axis=0).all()
