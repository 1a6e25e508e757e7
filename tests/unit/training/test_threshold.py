"""The cost curve against counting every error by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted, Probabilities, business_score
from services.training.threshold import cost_curve

Rows = list[tuple[bool, float]]
PROBABILITY = st.floats(0, 1) | st.sampled_from([0.0, 0.1, 0.5, 1.0])
COST = st.floats(0.01, 1000)


def both_kinds(rows: Rows) -> bool:
    return len({defaulted for defaulted, _ in rows}) == 2


LOANS = st.lists(st.tuples(st.booleans(), PROBABILITY), min_size=2, max_size=40).filter(both_kinds)


def columns(rows: Rows) -> tuple[Defaulted, Probabilities]:
    return np.array([defaulted for defaulted, _ in rows]), np.array([probability for _, probability in rows])


def score_by_hand(rows: Rows, threshold: float, costs: Costs) -> float:
    cost = worst = 0.0
    for defaulted, probability in rows:
        worst += costs.false_negative if defaulted else costs.false_positive
        if defaulted and probability < threshold:
            cost += costs.false_negative
        if not defaulted and probability >= threshold:
            cost += costs.false_positive
    return 1 - cost / worst


@given(rows=LOANS, false_negative=COST, false_positive=COST)
def test_every_point_of_the_curve_is_what_counting_gives(
    rows: Rows, false_negative: float, false_positive: float
) -> None:
    costs = Costs(false_negative=false_negative, false_positive=false_positive)
    curve = cost_curve(*columns(rows), costs)
    by_hand = [score_by_hand(rows, threshold, costs) for threshold in curve.thresholds]
    assert curve.business_scores == pytest.approx(by_hand)


@given(rows=LOANS, other=st.floats(0, 1))
def test_no_other_threshold_is_better(rows: Rows, other: float) -> None:
    best = cost_curve(*columns(rows), Costs()).best_threshold()
    assert score_by_hand(rows, best, Costs()) >= score_by_hand(rows, other, Costs()) - 1e-12


@given(rows=LOANS, threshold=st.floats(0, 1))
def test_the_score_of_decisions_is_what_counting_gives(rows: Rows, threshold: float) -> None:
    defaulted, probabilities = columns(rows)
    score = business_score(defaulted, probabilities >= threshold, Costs())
    assert score == pytest.approx(score_by_hand(rows, threshold, Costs()))


@pytest.mark.parametrize(("refused", "score"), [(False, 0.5325), (True, 0.4675)])
def test_deciding_without_looking_scores_what_the_default_rate_says(*, refused: bool, score: float) -> None:
    defaulted = np.arange(10_000) < 807
    assert business_score(defaulted, np.full(10_000, refused), Costs()) == pytest.approx(score, abs=1e-4)


def test_among_equals_the_lowest_threshold_is_chosen() -> None:
    defaulted, probabilities = np.array([False, True, False]), np.array([0.1, 0.2, 0.3])
    curve = cost_curve(defaulted, probabilities, Costs(false_negative=1, false_positive=1))
    assert curve.best_threshold() == 0.2


def test_the_ragged_top_of_a_curve_is_smoothed() -> None:
    random = np.random.default_rng(3)
    chosen, highest = [], []
    for _ in range(20):
        probabilities = random.beta(1, 10, 3000)
        curve = cost_curve(random.random(3000) < probabilities, probabilities, Costs())
        chosen.append(curve.best_threshold())
        highest.append(float(curve.thresholds[np.argmax(curve.business_scores)]))
        assert curve.expected == pytest.approx(1 / 11)
    # Probabilities are exact here, so that the best threshold is the expected one.
    assert np.mean(np.abs(np.subtract(chosen, 1 / 11))) < np.mean(np.abs(np.subtract(highest, 1 / 11)))
    assert np.mean(chosen) == pytest.approx(1 / 11, abs=0.01)
