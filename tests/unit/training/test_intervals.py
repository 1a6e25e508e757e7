"""Intervals hold the values, repeat with their seed and cover the truth about as often as they say."""

import numpy as np
import pytest

from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted, Probabilities, quality
from services.training.intervals import calibration_error_by_chance, intervals


def loans(rows: int, seed: int) -> tuple[Defaulted, Probabilities]:
    random = np.random.default_rng(seed)
    probabilities = random.beta(1.2, 10, rows)
    return random.random(rows) < probabilities, probabilities


def test_every_metric_lies_in_its_interval() -> None:
    defaulted, probabilities = loans(1500, 1)
    found = intervals(defaulted, probabilities, 0.1, Costs(), rounds=200, seed=3)
    assert {name: interval.value for name, interval in found.items()} == quality(
        defaulted, probabilities, 0.1, Costs()
    )
    for interval in found.values():
        assert interval.low <= interval.value <= interval.high


def test_a_seed_gives_the_same_intervals() -> None:
    rows = loans(300, 2)
    first, again, other = (intervals(*rows, 0.1, Costs(), rounds=50, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    defaulted, probabilities = loans(2000, 3)
    found = intervals(defaulted, probabilities, 0.1, Costs(), rounds=1000, seed=4)["accuracy"]
    error = np.sqrt(found.value * (1 - found.value) / 2000)
    assert found.low == pytest.approx(found.value - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(found.value + 1.96 * error, abs=0.2 * error)


def test_most_intervals_cover_the_truth() -> None:
    truth = quality(*loans(1_000_000, 5), 0.1, Costs())
    covered = [
        found["auc"].low <= truth["auc"] <= found["auc"].high
        for found in (
            intervals(*loans(600, 10 + part), 0.1, Costs(), rounds=100, seed=1) for part in range(40)
        )
    ]
    assert np.mean(covered) >= 0.85


def test_a_table_of_two_rows_has_intervals() -> None:
    found = intervals(np.array([True, False]), np.array([0.9, 0.1]), 0.5, Costs(), rounds=20, seed=1)
    assert found["auc"].low == found["auc"].high == 1


def test_exact_probabilities_have_the_error_of_chance() -> None:
    tables = [loans(1000, seed) for seed in range(40)]
    limits = [calibration_error_by_chance(probabilities, rounds=200, seed=1) for _, probabilities in tables]
    errors = [quality(*table, 0.1, Costs())["expected_calibration_error"] for table in tables]
    assert np.mean(np.less(errors, limits)) >= 0.85
