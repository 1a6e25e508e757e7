"""What chance makes of a window is no drift; what a shift makes of it is."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from scipy.stats import gamma

from services.monitoring.champion import Watched
from services.monitoring.distances import distances
from services.monitoring.noise import DRAWN_ROWS, noise_at, noise_of
from services.monitoring.summarising import summarise
from services.monitoring.summary import WindowSummary
from services.monitoring.windows import Window
from services.scorecard.catalogue import Matrix
from tests.unit.monitoring.population import (
    INCOME,
    MONITORED,
    NOON,
    distribution_of,
    monitored_of,
    sample,
    watched_of,
)

EMPTY = Window(0, None, None, None)


@cache
def reference() -> tuple[Watched, Matrix]:
    with TemporaryDirectory() as folder:
        matrix = sample(Path(folder), 10_000)
    return watched_of(matrix), monitored_of(matrix)


def summary(watched: Watched, values: Matrix) -> WindowSummary:
    tally = watched.features.count(values, np.zeros(values.shape, dtype=np.bool_))
    window = Window(len(values), NOON, NOON, tally)
    return summarise(watched, window, EMPTY, at=NOON, window="1h", segment="all", threshold=0.1)


def test_windows_drawn_from_the_reference_are_not_drifted() -> None:
    watched, values = reference()
    random, drifted = np.random.default_rng(1), 0
    for rows in (250, 500, 1000, 2000, 5000) * 60:
        drifted += summary(watched, values[random.integers(len(values), size=rows)]).drifted
    # Of 300 windows less than one should be.
    assert drifted <= 2


def test_a_window_of_few_rows_would_be_drifted_by_chance_were_there_no_allowance() -> None:
    watched, values = reference()
    random = np.random.default_rng(1)
    found = [summary(watched, values[random.integers(len(values), size=300)]) for _ in range(40)]
    beyond = [
        feature for each in found for feature in each.features if feature.distance and feature.distance >= 0.1
    ]
    assert len(beyond) > 20
    assert not any(feature.drifted for feature in beyond)


@pytest.mark.parametrize("rows", [500, 1000, 5000])
def test_a_shift_is_drift_in_every_window(rows: int) -> None:
    watched, values = reference()
    random = np.random.default_rng(2)
    for _ in range(20):
        window = values[random.integers(len(values), size=rows)]
        window[:, MONITORED.index(INCOME)] *= 1.5
        assert [each.name for each in summary(watched, window).features if each.drifted] == [INCOME]


def test_noise_falls_with_the_square_root_of_the_values() -> None:
    feature = distribution_of(np.random.default_rng(1).normal(size=5000))
    noise = noise_of(feature, 20)
    assert noise_at(noise, 4000) == pytest.approx(noise / 2)
    assert noise_at(noise, 1000) == noise
    assert 0.05 < noise < 0.2


def test_noise_grows_with_the_number_of_features_looked_at() -> None:
    feature = distribution_of(np.random.default_rng(1).normal(size=5000))
    assert noise_of(feature, 1) < noise_of(feature, 20) < noise_of(feature, 200)


@pytest.mark.parametrize(
    ("name", "different"), [("AMT_CREDIT", 0), ("FLAG_OWN_CAR", 2), ("NAME_EDUCATION_TYPE", 5)]
)
def test_noise_is_what_chance_hardly_ever_exceeds(name: str, different: int) -> None:
    random = np.random.default_rng(3)
    values = random.integers(different, size=20_000) if different else random.normal(size=20_000)
    feature = distribution_of(values.astype(np.float64), name)
    shares, means = np.array(feature.shares), np.array(feature.means or (0.0,) * len(feature.shares))
    draws = random.multinomial(DRAWN_ROWS, shares, size=20_000).astype(np.float64)
    found = distances(feature, draws, draws * means)
    # The same two moments, of many more draws, and SciPy's own quantile.
    scale = np.var(found) / np.mean(found)
    exact = gamma(np.mean(found) / scale, scale=scale).isf(0.001)
    assert noise_of(feature, 1) == pytest.approx(exact, rel=0.1)
    assert np.mean(found > noise_of(feature, 1)) < 0.003


def test_a_feature_of_one_value_or_none_has_no_noise() -> None:
    assert noise_of(distribution_of([3.0] * 10), 20) == 0
    assert noise_of(distribution_of([np.nan] * 10), 20) == 0
