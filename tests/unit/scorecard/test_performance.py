"""Metrics against their definitions, row by row."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scorecard.bundle import Costs
from services.scorecard.performance import (
    classification,
    expected_calibration_error,
    expenses,
    quality,
    reliability,
)

Rows = list[tuple[bool, float]]


def both_kinds(rows: Rows) -> bool:
    return len({defaulted for defaulted, _ in rows}) == 2


LOANS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=60).filter(both_kinds)


@given(LOANS)
def test_metrics_are_what_their_definitions_say(rows: Rows) -> None:
    defaulted = np.array([defaulted for defaulted, _ in rows])
    probabilities = np.array([probability for _, probability in rows])
    metrics = quality(defaulted, probabilities, 0.3, Costs())

    bad = [probability for is_bad, probability in rows if is_bad]
    good = [probability for is_bad, probability in rows if not is_bad]
    wins = [(b > g) + (b == g) / 2 for b, g in product(bad, good)]
    hits, refused = sum(p >= 0.3 for p in bad), sum(p >= 0.3 for _, p in rows)
    right = sum((p >= 0.3) == is_bad for is_bad, p in rows)
    gaps = [abs(np.mean([b <= p for b in bad]) - np.mean([g <= p for g in good])) for _, p in rows]
    cost = (10 * (len(bad) - hits) + refused - hits) / len(rows)
    accepting_all = 10 * len(bad) / len(rows)
    assert metrics == {
        "auc": pytest.approx(np.mean(wins)),
        "gini": pytest.approx(2 * np.mean(wins) - 1, abs=1e-12),
        "ks": pytest.approx(max(gaps), abs=1e-12),
        "cost_per_application": pytest.approx(cost),
        "cost_per_application_accepting_all": pytest.approx(accepting_all),
        "saving": pytest.approx(1 - cost / accepting_all, abs=1e-12),
        "approval_rate": pytest.approx(1 - refused / len(rows)),
        "brier_score": pytest.approx(np.mean([(p - is_bad) ** 2 for is_bad, p in rows])),
        "accuracy": pytest.approx(right / len(rows)),
        "precision": pytest.approx(hits / refused if refused else 0),
        "recall": pytest.approx(hits / len(bad)),
        "f1": pytest.approx(2 * hits / (refused + len(bad))),
        "business_score": pytest.approx(
            1 - (10 * (len(bad) - hits) + refused - hits) / (10 * len(bad) + len(good))
        ),
        "expected_calibration_error": expected_calibration_error(defaulted, probabilities),
    }


def test_refusing_nobody_has_no_precision() -> None:
    nobody = classification(np.array([True, False]), np.array([False, False]))
    assert nobody == {"accuracy": 0.5, "precision": 0, "recall": 0, "f1": 0}


def test_nothing_is_saved_where_defaults_cost_nothing() -> None:
    free = expenses(np.array([True, False]), np.array([False, True]), Costs(false_negative=0))
    assert free == {"cost_per_application": 0.5, "cost_per_application_accepting_all": 0, "saving": 0}


def test_the_calibration_error_is_the_mean_gap_of_ten_equal_bins() -> None:
    probabilities = np.repeat(np.arange(10) / 10, 20)
    defaulted = np.tile(np.arange(20) < 4, 10)
    expected = np.mean([abs(tenth / 10 - 0.2) for tenth in range(10)])
    assert expected_calibration_error(defaulted, probabilities) == pytest.approx(expected)


@given(LOANS)
def test_the_bins_hold_every_row_once(rows: Rows) -> None:
    defaulted = np.array([defaulted for defaulted, _ in rows])
    probabilities = np.array([probability for _, probability in rows])
    expected, observed, counts = reliability(defaulted, probabilities)
    assert counts.sum() == len(rows)
    assert counts.max() - counts.min() <= 1
    assert np.sum(expected * counts) == pytest.approx(probabilities.sum())
    assert np.sum(observed * counts) == pytest.approx(defaulted.sum())
