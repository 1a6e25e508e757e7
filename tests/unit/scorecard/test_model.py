"""A model is loaded without XGBoost, or says what it needs."""

import logging
import sys

import numpy as np
import pytest
import xgboost

from services.scorecard.booster import loaded as loaded_by_xgboost
from services.scorecard.booster import margins_of, saved
from services.scorecard.bundle import Bundle, BundleError
from services.scorecard.curves import Curve, CurveReader
from services.scorecard.decide import decide, decide_without_reasons
from services.scorecard.explanation import TableExplainer
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.models import FEATURES, small_bundle
from tests.unit.scorecard.boosters import noise


def loaded(bundle: Bundle) -> Model:
    return ready(bundle, load_policy(), standard_catalogue())


def deep() -> xgboost.Booster:
    matrix = noise(1, 400)[:, : len(FEATURES)]
    data = xgboost.DMatrix(matrix, np.arange(400) % 3 == 1)
    return xgboost.train({"max_depth": 5, "objective": "binary:logistic", "nthread": 1}, data, 5)


def bundle_of(booster: xgboost.Booster) -> Bundle:
    return trees_alone().model_copy(update=saved(booster)._asdict())


def trees_alone(seed: int = 1) -> Bundle:
    return small_bundle(seed=seed).model_copy(update={"curves": ()})


@pytest.fixture
def without_xgboost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own way to say that a module is not there."""
    monkeypatch.setitem(sys.modules, "xgboost", None)
    monkeypatch.delitem(sys.modules, "services.scorecard.booster")


@pytest.mark.usefixtures("without_xgboost")
def test_a_model_of_small_trees_decides_where_xgboost_is_not_installed() -> None:
    model = loaded(trees_alone())
    assert isinstance(model.explainer, TableExplainer)
    matrix = np.full((3, len(model.required)), 0.5, dtype=np.float32)
    assert len(decide(model, matrix).outcomes) == len(decide_without_reasons(model, matrix).outcomes) == 3


def test_a_model_of_deeper_trees_is_run_by_xgboost(caplog: pytest.LogCaptureFixture) -> None:
    booster = deep()
    with caplog.at_level(logging.WARNING):
        model = loaded(bundle_of(booster))
    assert "deeper than 3" in caplog.text
    matrix = noise(3, 50)[:, : len(FEATURES)]
    np.testing.assert_array_equal(model.explainer.margins(matrix), margins_of(booster, matrix))


def test_a_model_of_deeper_trees_says_what_to_install(request: pytest.FixtureRequest) -> None:
    bundle = bundle_of(deep())
    request.getfixturevalue("without_xgboost")
    with pytest.raises(BundleError, match=r"xgboost is not installed; .*pip install 'octroi\[training\]'"):
        loaded(bundle)


def test_trees_that_are_not_those_of_training_are_no_model() -> None:
    # Neither the tables nor XGBoost give what the probe holds.
    swapped = small_bundle().model_copy(update={"booster": small_bundle(seed=2).booster})
    with pytest.raises(BundleError, match="does not give what the probe says"):
        loaded(swapped)


def test_curves_add_to_what_the_trees_say_in_margins_and_in_reasons() -> None:
    bundle, matrix = small_bundle(), noise(3, 200)[:, : len(FEATURES)]
    curves = CurveReader(bundle.curves, FEATURES, bundle.reasons.groups_of(FEATURES))
    trees, both = (loaded(each).explainer.explain(matrix) for each in (trees_alone(), bundle))
    sums, contributions = curves.explain(matrix)
    np.testing.assert_allclose(both.margins, trees.margins + sums, atol=1e-6)
    np.testing.assert_allclose(both.contributions, trees.contributions + contributions, atol=1e-6)
    np.testing.assert_array_equal(loaded(bundle).explainer.margins(matrix), both.margins)


def test_a_curve_of_another_feature_is_no_model() -> None:
    curve = Curve(feature="OWN_CAR_AGE", points=(0,), log_odds=(0,), missing=0)
    with pytest.raises(BundleError, match=r"curves: .*does not have: OWN_CAR_AGE"):
        loaded(small_bundle().model_copy(update={"curves": (curve,)}))


def test_a_booster_that_xgboost_cannot_read_is_no_bundle() -> None:
    with pytest.raises(BundleError, match="cannot read it"):
        loaded_by_xgboost(b"{nonsense", threads=1)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"{", b"{nonsense", "Invalid JSON"),
        (b'"learner":', b'"teacher":', "learner"),
        (b'"left_children":[1,', b'"left_children":[99,', "no nodes 99 and 2"),
        (b'"left_children":[1,', b'"left_children":[', "nodes, left_children"),
        (b'"split_indices":[0,', b'"split_indices":[6,', "no column 6 among 6"),
    ],
)
def test_a_booster_that_cannot_be_read_is_no_bundle(old: bytes, new: bytes, fault: str) -> None:
    bundle = small_bundle()
    assert old in bundle.booster
    damaged = bundle.model_copy(update={"booster": bundle.booster.replace(old, new, 1)})
    with pytest.raises(BundleError, match=f"booster: is not XGBoost's JSON (?s:.*){fault}"):
        loaded(damaged)
