import logging
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorecard.booster import BoosterExplainer
from services.scorecard.catalogue import Matrix
from services.scorecard.explanation import Explainer, TableExplainer
from tests.unit.scorecard.boosters import FEATURES, GROUPS, noise, trained
from tests.unit.scorecard.boosters import explainer as explainer_of
from tests.unit.scorecard.boosters import thresholds as thresholds_of

BOOSTERS = {depth: trained(depth, rounds=60) for depth in (1, 2, 3)}
EXPLAINERS = {depth: explainer_of(booster) for depth, booster in BOOSTERS.items()}


def assert_explained(booster: xgboost.Booster, explainer: Explainer, matrix: Matrix) -> None:
    explanation = explainer.explain(matrix)
    rows = xgboost.DMatrix(matrix)
    by_feature = booster.predict(rows, pred_contribs=True)
    expected = np.zeros((len(matrix), GROUPS.max() + 1))
    np.add.at(expected.T, GROUPS, by_feature[:, :FEATURES].T)
    margins = booster.predict(rows, output_margin=True)
    # A dart booster predicts in place what it predicts otherwise but for the last bit.
    tolerance = 0 if isinstance(explainer, TableExplainer) else 1e-6
    np.testing.assert_allclose(explanation.margins, margins, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(explainer.margins(matrix), explanation.margins)
    np.testing.assert_allclose(explanation.contributions, expected, rtol=0, atol=1e-5)


def around(booster: xgboost.Booster, rows: int = 300) -> Matrix:
    """Return rows whose cells are thresholds, one step beside them, or missing."""
    random = np.random.default_rng(5)
    matrix = noise(5, rows)
    for column, thresholds in thresholds_of(booster).items():
        at = np.array(thresholds, dtype=np.float32)
        beside = [at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))]
        matrix[:, column] = random.choice(np.concatenate([*beside, [np.float32(np.nan)]]), rows)
    return matrix


@pytest.mark.parametrize("depth", BOOSTERS)
def test_tables_are_chosen_and_agree_on_noise(depth: int) -> None:
    assert isinstance(EXPLAINERS[depth], TableExplainer)
    assert_explained(BOOSTERS[depth], EXPLAINERS[depth], noise(9, 300))


@pytest.mark.parametrize("depth", BOOSTERS)
def test_tables_agree_at_thresholds_and_one_step_beside(depth: int) -> None:
    assert_explained(BOOSTERS[depth], EXPLAINERS[depth], around(BOOSTERS[depth]))


@pytest.mark.parametrize("depth", BOOSTERS)
def test_tables_agree_where_everything_is_missing(depth: int) -> None:
    assert_explained(BOOSTERS[depth], EXPLAINERS[depth], np.full((3, FEATURES), np.nan, dtype=np.float32))


@settings(max_examples=40, deadline=None)
@given(
    depth=st.sampled_from(list(BOOSTERS)),
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 140),
    missing=st.sampled_from([0, 0.2, 0.9]),
)
def test_tables_agree_on_any_matrix(depth: int, seed: int, rows: int, missing: float) -> None:
    assert_explained(BOOSTERS[depth], EXPLAINERS[depth], noise(seed, rows, missing=missing))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), eta=st.sampled_from([0.05, 0.3, 1.0]), parallel=st.integers(1, 2))
def test_tables_agree_for_any_booster(seed: int, eta: float, parallel: int) -> None:
    booster = trained(3, seed=seed, rounds=10, eta=eta, num_parallel_tree=parallel, subsample=0.7)
    explainer = explainer_of(booster)
    assert isinstance(explainer, TableExplainer)
    assert_explained(booster, explainer, around(booster, 50))


@pytest.mark.parametrize("parameters", [{"gamma": 1e9}, {"base_score": 0.1925}, {"tree_method": "exact"}])
def test_tables_agree_for_odd_boosters(parameters: dict[str, Any]) -> None:
    booster = trained(3, rounds=5, **parameters)
    explainer = explainer_of(booster)
    assert isinstance(explainer, TableExplainer)
    assert_explained(booster, explainer, noise(2, 70))


@pytest.mark.parametrize(
    ("booster", "because"),
    [
        (trained(4, rounds=5), "trees deeper than 3"),
        (trained(3, rounds=5, booster="dart", rate_drop=0.5), "its kind is dart"),
    ],
    ids=["depth 4", "dart"],
)
def test_other_boosters_explain_themselves(
    booster: xgboost.Booster, because: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        explainer = explainer_of(booster)
    assert isinstance(explainer, BoosterExplainer)
    assert because in caplog.text
    assert_explained(booster, explainer, noise(2, 70))


def test_both_ways_agree_and_leave_an_empty_group_at_zero() -> None:
    matrix = noise(4, 130)
    fast = EXPLAINERS[3].explain(matrix)
    slow = BoosterExplainer(BOOSTERS[3], GROUPS).explain(matrix)
    np.testing.assert_array_equal(fast.margins, slow.margins)
    np.testing.assert_allclose(fast.contributions, slow.contributions, rtol=0, atol=1e-5)
    assert not fast.contributions[:, 3].any()
    assert not slow.contributions[:, 3].any()


def test_no_rows_are_explained_by_none() -> None:
    explanation = EXPLAINERS[3].explain(noise(0, 0))
    assert EXPLAINERS[3].margins(noise(0, 0)).shape == (0,)
    assert explanation.margins.shape == (0,)
    assert explanation.contributions.shape == (0, 5)
