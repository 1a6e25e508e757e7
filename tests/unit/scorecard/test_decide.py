from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorecard.bundle import BundleError
from services.scorecard.calibration import Calibration
from services.scorecard.catalogue import Matrix
from services.scorecard.decide import Decisions, decide, decide_without_reasons, probabilities
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.reasons import load_reasons
from services.scorecard.standard import standard_catalogue
from tests.models import small_bundle

POLICY = load_policy()


def model_with(threshold: float) -> Model:
    return ready(small_bundle(threshold=threshold), POLICY, standard_catalogue())


MODEL = model_with(0.15)
NAMES = [feature.name for feature in MODEL.required]
PLAUSIBLE: Final = {
    "AMT_CREDIT": 200_000.0,
    "AMT_INCOME_TOTAL": 100_000.0,
    "AGE_YEARS": 40.0,
    "ANNUITY_TO_INCOME": 0.2,
    "EMPLOYED_TO_AGE": 0.1,
}


def row(**features: float) -> Matrix:
    """Return a row that meets no rule of the policy, but for these features."""
    cells = {**PLAUSIBLE, **features}
    return np.array([[cells.get(name, np.nan) for name in NAMES]], dtype=np.float32)


def rows_of(seed: int, rows: int, missing: float = 0.3) -> Matrix:
    """Return rows, a third of them as the booster was trained, whatever the policy says of them."""
    random = np.random.default_rng(seed)
    matrix = np.repeat(row(), rows, axis=0)
    drawn = random.random(matrix.shape, dtype=np.float32)
    matrix = np.where(np.isnan(matrix) | (random.random((rows, 1)) < 0.3), drawn, matrix)
    matrix[random.random(matrix.shape) < missing] = np.nan
    return matrix


def as_rows(decisions: Decisions) -> list[tuple[object, ...]]:
    return list(
        zip(
            decisions.probabilities.tolist(),
            decisions.scores.tolist(),
            decisions.outcomes,
            decisions.policy_rules,
            decisions.reasons,
            strict=True,
        )
    )


ANY_BATCH = given(
    seed=st.integers(0, 2**32 - 1), rows=st.integers(0, 70), missing=st.sampled_from([0, 0.3, 1])
)


@settings(max_examples=25, deadline=None)
@ANY_BATCH
def test_a_row_is_decided_alike_alone_and_in_any_batch(seed: int, rows: int, missing: float) -> None:
    matrix = rows_of(seed, rows, missing)
    together = as_rows(decide(MODEL, matrix))
    assert [as_rows(decide(MODEL, matrix[place : place + 1]))[0] for place in range(rows)] == together
    assert as_rows(decide(MODEL, matrix[::-1])) == together[::-1]


@settings(max_examples=25, deadline=None)
@ANY_BATCH
def test_with_and_without_reasons_decisions_are_equal(seed: int, rows: int, missing: float) -> None:
    matrix = rows_of(seed, rows, missing)
    full, bare = decide(MODEL, matrix), decide_without_reasons(MODEL, matrix)
    assert [decided[:4] for decided in as_rows(full)] == [decided[:4] for decided in as_rows(bare)]
    np.testing.assert_array_equal(probabilities(MODEL, matrix), full.probabilities)
    assert set(bare.reasons) <= {()}


@settings(max_examples=25, deadline=None)
@ANY_BATCH
def test_reasons_speak_for_the_outcome_the_strongest_first(seed: int, rows: int, missing: float) -> None:
    decisions = decide(MODEL, rows_of(seed, rows, missing))
    for outcome, rule, given_reasons in zip(
        decisions.outcomes, decisions.policy_rules, decisions.reasons, strict=True
    ):
        assert len(given_reasons) <= 4
        assert [reason.code for reason in given_reasons[:1]] == [rule] or rule is None
        sizes = [reason.contribution for reason in given_reasons[rule is not None :]]
        assert np.abs(sizes).tolist() == sorted(np.abs(sizes).tolist(), reverse=True)
        if outcome == "refused":
            assert all(size >= 0 for size in sizes)
        if outcome == "approved":
            assert all(size <= 0 for size in sizes)


@settings(max_examples=25, deadline=None)
@ANY_BATCH
def test_scores_are_in_their_range_and_fall_as_the_probability_rises(
    seed: int, rows: int, missing: float
) -> None:
    decisions = decide_without_reasons(MODEL, rows_of(seed, rows, missing))
    assert ((decisions.scores >= 300) & (decisions.scores <= 850)).all()
    by_risk = decisions.scores[np.argsort(decisions.probabilities, kind="stable")]
    assert (np.diff(by_risk) <= 0).all()


def test_both_outcomes_occur_and_each_has_reasons() -> None:
    matrix = np.concatenate([row(EXT_SOURCE_2=score) for score in (0.01, 0.9)])
    decisions = decide(model_with(float(probabilities(MODEL, matrix).mean())), matrix)
    assert decisions.outcomes == ("refused", "approved")
    assert decisions.reasons[0][0].code == "EXTERNAL_SCORES"
    assert decisions.reasons[0][0].contribution > 0
    assert decisions.reasons[1][0].contribution < 0


def test_a_probability_at_the_threshold_is_refused_and_just_below_approved() -> None:
    applicant = row(EXT_SOURCE_2=0.5)
    probability = float(probabilities(MODEL, applicant)[0])
    above = float(np.nextafter(probability, 1))
    assert decide(model_with(probability), applicant).outcomes == ("refused",)
    assert decide(model_with(above), applicant).outcomes == ("approved",)


@pytest.mark.parametrize(
    ("features", "outcome", "rule"),
    [
        ({"AGE_YEARS": 17.99}, "refused", "UNDER_AGE"),
        ({"AGE_YEARS": 18}, "approved", None),
        ({"ANNUITY_TO_INCOME": 1.01}, "refused", "ANNUITY_OVER_INCOME"),
        ({"ANNUITY_TO_INCOME": 1}, "approved", None),
        ({"AMT_INCOME_TOTAL": 9_999}, "review", "INCOME_IMPLAUSIBLY_LOW"),
        ({"AMT_CREDIT": 5_000_001}, "review", "CREDIT_IMPLAUSIBLY_HIGH"),
        ({"EMPLOYED_TO_AGE": 1}, "review", "EMPLOYED_LONGER_THAN_ALIVE"),
        ({"AGE_YEARS": 17, "ANNUITY_TO_INCOME": 2, "AMT_CREDIT": 1}, "refused", "UNDER_AGE"),
        ({"AMT_CREDIT": 1, "ANNUITY_TO_INCOME": 2}, "refused", "ANNUITY_OVER_INCOME"),
    ],
)
def test_the_policy_speaks_before_the_model(
    features: dict[str, float], outcome: str, rule: str | None
) -> None:
    # A threshold of 1 approves all that the policy lets pass.
    decisions = decide(model_with(1), row(**features))
    assert decisions.outcomes == (outcome,)
    assert decisions.policy_rules == (rule,)
    if rule is not None:
        assert decisions.reasons[0][0].code == rule


def test_a_review_speaks_even_where_the_model_would_refuse() -> None:
    assert decide(model_with(0), row(AMT_CREDIT=1)).outcomes == ("review",)


def test_missing_numbers_meet_no_rule() -> None:
    decisions = decide(MODEL, np.full((1, len(NAMES)), np.nan, dtype=np.float32))
    assert decisions.policy_rules == (None,)


@pytest.mark.parametrize("columns", [0, len(NAMES) - 1, len(NAMES) + 1])
def test_a_matrix_of_other_columns_is_refused(columns: int) -> None:
    matrix = np.zeros((2, columns), dtype=np.float32)
    for decided in (decide, decide_without_reasons, probabilities):
        with pytest.raises(ValueError, match=f"must have {len(NAMES)} columns"):
            decided(MODEL, matrix)


def test_a_booster_of_other_columns_is_no_bundle() -> None:
    bundle = small_bundle()
    fewer = bundle.model_copy(update={"features": bundle.features[:-1]})
    with pytest.raises(BundleError, match="booster: has 6 columns, the bundle 5"):
        ready(fewer, POLICY, standard_catalogue())


def test_every_feature_has_one_group_with_texts_in_both_languages() -> None:
    reasons = load_reasons()
    groups = reasons.groups_of(standard_catalogue().names)
    assert set(groups.tolist()) == set(range(len(reasons.groups)))
    for group in reasons.groups:
        texts = {group.against_en, group.against_fr, group.for_en, group.for_fr}
        assert len(texts) == 4, f"{group.code}: its four texts must differ"


def test_every_rule_has_texts_in_both_languages() -> None:
    for rule in POLICY.rules:
        assert rule.text_en != rule.text_fr


@pytest.mark.parametrize("way", [decide, decide_without_reasons])
def test_a_model_that_gives_no_probability_decides_nothing(way: Callable[[Model, Matrix], Decisions]) -> None:
    bundle = small_bundle().model_copy(update={"calibration": Calibration(slope=1e308, intercept=1.7e308)})
    broken = ready(bundle, POLICY, standard_catalogue())
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match="gives no probability for some rows: train"),
    ):
        way(broken, np.vstack([rows_of(1, 50), -rows_of(2, 50)]))
