"""What a window tells: empty, small, ordinary; and that expectations come true."""

from collections import defaultdict

import numpy as np
import pytest

from services.contracts.events import ApplicationDecided
from services.monitoring.champion import Watched
from services.monitoring.decision_tally import PROBABILITY_EDGES
from services.monitoring.feature_tally import FeatureLayout
from services.monitoring.summarising import LEAST_VALUES, expected_auc, summarise
from services.monitoring.summary import WindowSummary
from services.monitoring.windows import Window
from services.scorecard.bundle import Costs
from services.scorecard.performance import business_score, ranking, separation
from services.scorecard.policy import load_policy
from services.scorecard.profile import ReferenceProfile
from tests.models import small_bundle
from tests.unit.monitoring.population import NOON, decided, distribution_of, opinion

EMPTY = Window(0, None, None, None)
RANDOM = np.random.default_rng(8)
VALUES = RANDOM.normal(100, 10, 4000)
CODES = (RANDOM.random(4000) < 0.3).astype(np.float64)
PROFILE = ReferenceProfile(
    rows=4000,
    features=(distribution_of(VALUES), distribution_of(CODES, "CODE_GENDER")),
    score=distribution_of(RANDOM.integers(550, 700, 4000).astype(np.float64)),
)
WATCHED = Watched(
    "7",
    small_bundle().model_copy(update={"reference_profile": PROFILE, "costs": Costs(false_negative=10)}),
    load_policy(),
)


def features(values: np.ndarray, codes: np.ndarray, unknown: int = 0) -> Window:
    matrix = np.stack([values, codes], axis=1).astype(np.float32)
    words = np.zeros(matrix.shape, dtype=np.bool_)
    words[:unknown, 1] = True
    return Window(len(matrix), NOON, NOON, FeatureLayout(PROFILE).count(matrix, words))


def decisions(*events: ApplicationDecided) -> Window:
    count, heard = WATCHED.decisions.count, defaultdict[str, list[ApplicationDecided]](list)
    for event in events:
        if event.shadow is not None:
            heard[event.shadow.model.version].append(event)
    tallies = {version: count(group) for version, group in heard.items()}
    return Window(len(events), NOON, NOON, count(events), tallies)


def told(window: Window = EMPTY, decisions: Window = EMPTY, challenger: str | None = None) -> WindowSummary:
    return summarise(
        *(WATCHED, window, decisions),
        at=NOON,
        window="1h",
        segment="web",
        threshold=0.1,
        challenger=challenger,
    )


def drawn(rows: int) -> tuple[np.ndarray, list[ApplicationDecided]]:
    """Return calibrated probabilities, and the decisions that a threshold makes of them."""
    probabilities = np.random.default_rng(5).beta(0.8, 9, rows)
    names = np.where(probabilities >= 0.0909, "refused", "approved").tolist()
    example = decided()
    events = [
        example.model_copy(update={"probability_of_default": probability, "outcome": outcome})
        for probability, outcome in zip(probabilities.tolist(), names, strict=True)
    ]
    return probabilities, events


def test_an_empty_window_tells_that_it_is_empty() -> None:
    summary = told()
    assert (summary.rows, summary.begins, summary.ends, summary.drifted) == (0, None, None, 0)
    assert [feature.distance for feature in summary.features] == [None, None]
    assert [feature.psi for feature in summary.features] == [None, None]
    assert [feature.missing for feature in summary.features] == [0, 0]
    assert (summary.decisions.rows, summary.decisions.mean_score, summary.decisions.reasons) == (0, None, {})
    assert (summary.expected, summary.shadow, summary.ages) == (None, None, None)


def test_a_small_window_tells_shares_but_no_distance() -> None:
    rows = LEAST_VALUES - 1
    summary = told(features(VALUES[:rows] + 50, CODES[:rows]), decisions(*[decided()] * rows))
    assert [feature.distance for feature in summary.features] == [None, None]
    assert not summary.drifted
    assert summary.features[0].outside > 0.5
    assert summary.decisions.score_psi is None
    assert summary.decisions.approved == 1


def test_the_values_that_are_there_and_not_the_rows_decide_whether_a_distance_is_told() -> None:
    values = np.where(np.arange(1000) < LEAST_VALUES - 1, VALUES[:1000], np.nan)
    scarce, common = told(features(values, CODES[:1000])).features
    assert (scarce.distance, scarce.psi) == (None, None)
    assert scarce.missing == pytest.approx(1 - 0.199)
    assert common.distance is not None


def test_an_ordinary_window_of_the_same_population_is_near_and_not_drifted() -> None:
    summary = told(features(VALUES[:3000], CODES[:3000]))
    number, word = summary.features
    assert (number.statistic, word.statistic) == ("normed_wasserstein", "jensen_shannon")
    assert number.distance is not None
    assert word.distance is not None
    assert max(number.distance, word.distance) < 0.05
    assert (summary.drifted, summary.rows, summary.begins, summary.ends) == (0, 3000, NOON, NOON)


def test_shifted_features_are_drifted_each_by_itself() -> None:
    number, word = told(features(VALUES[:3000] + 10, CODES[:3000])).features
    assert (number.drifted, word.drifted) == (True, False)
    assert number.distance == pytest.approx(1, abs=0.05)
    number, word = told(features(VALUES[:3000], 1 - CODES[:3000])).features
    assert (number.drifted, word.drifted) == (False, True)


def test_missing_and_unknown_are_shares_of_the_rows() -> None:
    codes = np.where(np.arange(1000) < 400, np.nan, 1)
    _, word = told(features(VALUES[:1000], codes, unknown=100)).features
    assert (word.missing, word.unknown, word.missing_reference) == (0.4, 0.1, 0)


def test_decisions_are_told_as_shares_and_means() -> None:
    events = [
        decided(0.1, "approved", score=600),
        decided(0.2, "approved", score=620),
        decided(0.9, "refused", score=400),
        decided(0.4, "review", score=500, reasons=[]),
    ]
    found = told(decisions=decisions(*events)).decisions
    assert (found.rows, found.approved, found.refused, found.review) == (4, 0.5, 0.25, 0.25)
    assert found.mean_probability == pytest.approx(0.4)
    assert found.mean_score == 530


def test_scores_as_in_the_reference_are_stable_and_others_are_not() -> None:
    scores = np.random.default_rng(3).integers(550, 700, 2000).tolist()
    same = told(decisions=decisions(*[decided(score=score) for score in scores])).decisions
    moved = told(decisions=decisions(*[decided(score=score - 60) for score in scores])).decisions
    assert same.score_psi is not None
    assert moved.score_psi is not None
    assert same.score_psi < 0.05
    assert moved.score_psi > 0.25


def test_reasons_are_shares_of_the_decisions_the_most_frequent_first() -> None:
    rare, frequent = WATCHED.decisions.reason_codes[:2]
    events = [
        decided(reasons=[{"code": code, "text": "A reason", "contribution": 1.0}])
        for code in [rare, frequent, frequent, "NEW"]
    ]
    found = told(decisions=decisions(*events)).decisions.reasons
    assert next(iter(found)) == frequent
    assert dict(found) == {frequent: 0.5, rare: 0.25, "OTHER": 0.25}


def test_the_challenger_is_told_of_in_shares_and_costs_per_application() -> None:
    refusal = opinion("refused")
    events = [decided(0.2, shadow=refusal), decided(0.2, "refused", shadow=refusal), decided(shadow=None)]
    shadow = told(decisions=decisions(*events), challenger="8").shadow
    assert shadow is not None
    assert (shadow.version, shadow.rows, shadow.agreement) == ("8", 2, 0.5)
    assert (shadow.approved_by_challenger_alone, shadow.approved_by_champion_alone) == (0, 0.5)
    assert shadow.champion_cost == pytest.approx((10 * 0.2 + 0.8) / 2)
    assert shadow.challenger_cost == pytest.approx(0.8)
    assert told(decisions=decisions(*events)).shadow is None


def test_opinions_of_two_challengers_are_not_mixed() -> None:
    former, present = opinion("refused", "8"), opinion("approved", "9")
    seen = decisions(*[decided(shadow=former)] * 30, *[decided(shadow=present)] * 10, decided(shadow=None))
    assert told(decisions=seen).shadow is None
    assert told(decisions=seen, challenger="10").shadow is None
    found = [told(decisions=seen, challenger=version) for version in ("8", "9")]
    assert [each.shadow and (each.shadow.rows, each.shadow.agreement) for each in found] == [(30, 0), (10, 1)]
    assert [each.decisions.rows for each in found] == [41, 41]


def test_ages_are_told_to_the_width_of_a_bin() -> None:
    at = "2026-03-31T09:30:{:06.3f}Z"
    events = [
        decided(submitted_at=at.format(0), decided_at=at.format(seconds))
        for seconds in [0.1] * 90 + [1.0] * 8 + [20.0] * 2
    ]
    ages = told(decisions=decisions(*events)).ages
    assert ages is not None
    assert [ages.p50, ages.p95, ages.p99] == pytest.approx([0.1, 1, 20], rel=0.13)


def test_the_expected_figures_come_true_in_outcomes_drawn_from_the_probabilities() -> None:
    probabilities, events = drawn(20_000)
    expected = told(decisions=decisions(*events)).expected
    assert expected is not None
    random, refused = np.random.default_rng(6), probabilities >= 0.0909
    scores, aucs, rates = [], [], []
    for _ in range(30):
        defaulted = random.random(len(probabilities)) < probabilities
        scores.append(business_score(defaulted, refused, Costs(false_negative=10)))
        aucs.append(ranking(separation(defaulted, probabilities))["auc"])
        rates.append(defaulted.mean())
    assert expected.business_score == pytest.approx(np.mean(scores), abs=0.004)
    assert expected.auc == pytest.approx(np.mean(aucs), abs=0.003)
    assert expected.default_rate == pytest.approx(np.mean(rates), abs=0.002)
    assert expected.false_negatives == pytest.approx(probabilities[~refused].sum())
    assert expected.false_positives == pytest.approx((1 - probabilities[refused]).sum())


def test_the_expected_auc_of_one_probability_is_one_half_and_of_none_is_not_known() -> None:
    rows = np.zeros(len(PROBABILITY_EDGES) + 1)
    assert expected_auc(rows, rows) is None
    rows[50] = 10
    assert expected_auc(rows, rows * 0.2) == 0.5
    # All are sure to default: there is nobody to rank them against.
    assert expected_auc(rows, rows) is None


def test_windows_whose_decisions_are_all_in_review_still_have_a_business_score() -> None:
    expected = told(decisions=decisions(*[decided(0.3, "review")] * 5)).expected
    assert expected is not None
    assert (expected.false_negatives, expected.false_positives, expected.business_score) == (0, 0, 1)
