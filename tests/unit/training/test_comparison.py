from math import sqrt

import numpy as np
import pytest

from services.training.arms import Arm
from services.training.comparison import comparison, difference, estimate, table
from services.training.search import ArmResult, GridPoint


def result(arm: Arm, *aucs: float) -> ArmResult:
    point = GridPoint({"model__C": 0.1}, aucs, (0.6,) * len(aucs), (0.07,) * len(aucs), 1.5, 12.0)
    return ArmResult(arm, (point,), 3.0)


def test_an_estimate_is_the_mean_with_its_standard_error() -> None:
    found = estimate((0.7, 0.8, 0.75))
    assert found.mean == pytest.approx(0.75)
    assert found.standard_error == pytest.approx(0.05 / sqrt(3))


def test_a_difference_is_paired_and_corrected_for_shared_training_rows() -> None:
    found = difference((0.76, 0.81, 0.71, 0.79, 0.75), (0.75, 0.79, 0.70, 0.77, 0.74))
    apart = np.array([0.01, 0.02, 0.01, 0.02, 0.01])
    assert found.mean == pytest.approx(0.014)
    assert found.standard_error == pytest.approx(apart.std(ddof=1) * sqrt(1 / 5 + 1 / 4))
    assert not found.within_noise


def test_what_changes_sign_from_fold_to_fold_is_noise() -> None:
    found = difference((0.76, 0.79, 0.71), (0.75, 0.80, 0.705))
    assert found.within_noise
    assert str(found).endswith(", within noise")


def test_the_best_arm_is_first_and_the_others_are_measured_from_it() -> None:
    tree, line = Arm("xgboost"), Arm("logistic regression", "raw", "SMOTE")
    rows = comparison([result(line, 0.70, 0.71, 0.70), result(tree, 0.75, 0.76, 0.75)])
    assert [row.arm for row in rows] == [tree.name, line.name]
    assert rows[0].auc_difference is None
    assert rows[1].auc_difference is not None
    assert rows[1].auc_difference.mean == pytest.approx(-0.05)


def test_an_arm_is_measured_from_its_reference_too() -> None:
    tree, smote = Arm("xgboost"), Arm("xgboost", balance="SMOTE")
    best = result(Arm("random forest"), 0.8, 0.81, 0.8)
    rows = comparison([best, result(smote, 0.70, 0.72, 0.70), result(tree, 0.75, 0.76, 0.75)])
    assert [row.reference_difference for row in rows[:2]] == [None, None]
    assert rows[2].reference_difference == difference((0.70, 0.72, 0.70), (0.75, 0.76, 0.75))


def test_the_table_has_a_line_for_each_arm() -> None:
    arm = Arm("random forest", "raw", "class weights")
    lines = table(comparison([result(Arm("xgboost"), 0.75, 0.77), result(arm, 0.7, 0.72)])).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "random forest, raw features, class weights" in lines[3]


def test_without_results_there_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="at least one arm"):
        comparison([])
