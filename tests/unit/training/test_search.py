import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from services.scorecard.bundle import Costs
from services.scorecard.standard import standard_catalogue
from services.training.arms import COMPARED, FLOOR, Arm, all_arms
from services.training.compare import Compared, Comparing, arm_key
from services.training.estimators import column_kinds, estimator, grid
from services.training.fit_trees import Fitting
from services.training.search import ArmResult, result_of, search

NAMES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "AGE_YEARS", "OCCUPATION_TYPE", "CREDIT_TO_ANNUITY")
CATALOGUE = standard_catalogue()
DEFINITIONS = [CATALOGUE.definitions[CATALOGUE.names.index(name)] for name in NAMES]
RANDOM = np.random.default_rng(5)
MATRIX = RANDOM.random((1200, len(NAMES)), dtype=np.float32)
MATRIX[:, NAMES.index("OCCUPATION_TYPE")] = RANDOM.integers(0, 5, 1200)
DEFAULTED = RANDOM.random(1200) < np.where(MATRIX[:, 1] < 0.3, 0.4, 0.05)
MATRIX[RANDOM.random(MATRIX.shape) < 0.2] = np.nan
FITTING = Fitting(trees=20, rate=0.75, seed=7, features=80, ridge=2000)
HOW = Comparing(quick=True, rows=1200, fitting=FITTING, folds=3, costs=Costs(), workers=1, scheduler=None)


def searched(arm: Arm, *, quick: bool = True) -> ArmResult:
    pipeline = estimator(arm, DEFINITIONS, FITTING)
    points = grid(arm, quick=quick)
    return search(arm, pipeline, points, MATRIX, DEFAULTED, folds=3, seed=7, costs=Costs(), workers=1)


def test_every_model_has_each_kind_of_features_and_each_way_to_balance() -> None:
    for model in COMPARED:
        arms = [arm for arm in all_arms() if arm.model == model]
        assert {arm.features for arm in arms} == {"raw", "domain", "polynomial"}
        assert {arm.balance for arm in arms} == {"none", "class weights", "SMOTE"}
    assert len({arm.name for arm in all_arms()}) == len(all_arms())


@pytest.mark.parametrize(
    "arm", [arm for arm in all_arms() if arm.model not in FLOOR], ids=lambda arm: arm.name
)
def test_every_arm_learns_from_rows_with_empty_cells(arm: Arm) -> None:
    best = searched(arm).best
    assert len(best.auc) == 3
    assert min(best.auc) > 0.6
    assert min(best.business_score) > 0.5
    assert best.fit_seconds > 0
    assert best.microseconds_per_row > 0


def test_the_floor_costs_what_accepting_or_refusing_everybody_costs() -> None:
    bad = 10 * DEFAULTED.sum()
    worst = bad + (~DEFAULTED).sum()
    accepted, refused = (searched(Arm(model)).best for model in FLOOR)
    assert np.mean(accepted.business_score) == pytest.approx(1 - bad / worst, abs=0.002)
    assert np.mean(refused.business_score) == pytest.approx(bad / worst, abs=0.002)
    assert set(accepted.auc + refused.auc) == {0.5}


def test_every_arm_is_compared_with_its_reference() -> None:
    assert Arm("xgboost", "raw", "SMOTE").reference == Arm("xgboost")
    assert Arm("scorecard").reference == Arm("xgboost")
    assert Arm("scorecard without constraints").reference == Arm("scorecard")
    assert Arm("xgboost").reference is None
    assert {arm.reference for arm in all_arms()} <= {None, *all_arms()}


def test_the_best_point_of_the_grid_is_first() -> None:
    points = searched(Arm("logistic regression"), quick=False).points
    assert len(points) == 2
    assert np.mean(points[0].auc) >= np.mean(points[1].auc)


def test_raw_features_are_columns_of_the_table() -> None:
    seen = column_kinds(DEFINITIONS, Arm("xgboost", "raw"))
    assert [NAMES[place] for place in seen.numbers] == ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]
    assert [NAMES[place] for place in seen.categories] == ["OCCUPATION_TYPE"]


def test_smote_adds_rows_to_what_is_fitted_and_to_nothing_else() -> None:
    arm = Arm("logistic regression", balance="SMOTE")
    pipeline = estimator(arm, DEFINITIONS, FITTING).fit(MATRIX, DEFAULTED)
    assert pipeline.predict_proba(MATRIX).shape == (1200, 2)
    assert np.mean(pipeline.predict_proba(MATRIX)[:, 1]) > 2 * DEFAULTED.mean()


def test_a_scorecard_that_learns_nothing_gives_everybody_the_same_probability() -> None:
    few = estimator(Arm("scorecard"), DEFINITIONS, FITTING).fit(MATRIX[:90], DEFAULTED[:90])
    assert few.predict_proba(MATRIX)[:, 1] == pytest.approx(np.full(1200, DEFAULTED[:90].mean()))


def test_a_result_survives_json() -> None:
    result = searched(Arm("xgboost"))
    assert result_of(json.loads(json.dumps(result.document()))) == result
    with pytest.raises(ValidationError):
        result_of({"arm": {"model": "crystal ball"}})


def test_a_result_is_taken_up_only_for_what_it_was_found_with() -> None:
    arm = Arm("xgboost")
    key = arm_key(arm, "data", HOW)
    assert arm_key(arm, "data", replace(HOW, workers=9, scheduler="tcp://there")) == key
    others = [
        arm_key(arm, "other data", HOW),
        arm_key(Arm("xgboost", "raw"), "data", HOW),
        *(
            arm_key(arm, "data", changed)
            for changed in (
                replace(HOW, quick=False),
                replace(HOW, rows=900),
                replace(HOW, fitting=replace(FITTING, trees=21)),
                replace(HOW, folds=4),
                replace(HOW, fitting=replace(FITTING, seed=8)),
                replace(HOW, costs=Costs(false_negative=5)),
            )
        ),
    ]
    assert len({key, *others}) == 9


def test_other_rows_labels_or_features_are_other_data() -> None:
    data = Compared(MATRIX, DEFAULTED, DEFINITIONS)
    others = [
        replace(data, matrix=MATRIX[1:], defaulted=DEFAULTED[1:]),
        replace(data, defaulted=~DEFAULTED),
        replace(data, definitions=[replace(DEFINITIONS[0], revision=9), *DEFINITIONS[1:]]),
    ]
    assert replace(data, matrix=MATRIX.copy()).fingerprint() == data.fingerprint()
    assert len({each.fingerprint() for each in (data, *others)}) == 4
