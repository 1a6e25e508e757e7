"""A model is loaded without XGBoost, or says what it needs."""

import logging
import sys

import numpy as np
import pytest
import xgboost

from services.scorecard.booster import loaded as loaded_by_xgboost
from services.scorecard.booster import margins_of, saved
from services.scorecard.bundle import Bundle, BundleError
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
    return small_bundle().model_copy(update=saved(booster)._asdict())


@pytest.fixture
def without_xgboost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own way to say that a module is not there."""
    monkeypatch.setitem(sys.modules, "xgboost", None)
    monkeypatch.delitem(sys.modules, "services.scorecard.booster")


@pytest.mark.usefixtures("without_xgboost")
def test_a_model_of_small_trees_decides_where_xgboost_is_not_installed() -> None:
    model = loaded(small_bundle())
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
