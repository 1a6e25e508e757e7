"""Distances from tallies against those from the values themselves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from services.monitoring.distances import distance, part_of_bins, stability_index, statistic_of
from services.monitoring.feature_tally import FeatureCounts, FeatureLayout
from services.scorecard.profile import Distribution, ReferenceProfile
from tests.unit.monitoring.population import (
    INCOME,
    MONITORED,
    distribution_of,
    monitored_of,
    sample,
    watched_of,
)

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Values]


def skewed(random: np.random.Generator, rows: int) -> Values:
    return random.lognormal(12, 0.6, rows)


def with_outliers(random: np.random.Generator, rows: int) -> Values:
    # As incomes are: one in some thousand is a hundred times as high as the others.
    outlier = random.random(rows) < 0.0005
    return np.where(outlier, 100, 1) * random.lognormal(12, 0.5, rows)


def discrete(random: np.random.Generator, rows: int) -> Values:
    return random.poisson(2, rows).astype(np.float64)


def mostly_one_value(random: np.random.Generator, rows: int) -> Values:
    return np.where(random.random(rows) < 0.97, 0, random.exponential(10, rows))


def two_hills(random: np.random.Generator, rows: int) -> Values:
    return np.where(random.random(rows) < 0.4, random.normal(-5, 0.2, rows), random.normal(3, 1, rows))


def counts_of(reference: Distribution, values: Values) -> FeatureCounts:
    layout = FeatureLayout(ReferenceProfile(rows=1, features=(reference,), score=reference))
    matrix = values.astype(np.float32).reshape(-1, 1)
    [(_, counts)] = layout.parts(layout.count(matrix, np.zeros(matrix.shape, dtype=np.bool_)))
    return counts


def exact(reference: Values, window: Values) -> float:
    """Return the distance of the values present, as Evidently works it out."""
    before, now = (each.astype(np.float32).astype(np.float64) for each in (reference, window))
    before, now = before[~np.isnan(before)], now[~np.isnan(now)]
    return float(wasserstein_distance(before, now) / max(before.std(), 0.001))


CHANGES: dict[str, Callable[[Values], Values]] = {
    "none": lambda values: values,
    "a quarter more": lambda values: values * 1.25,
    "half as much again": lambda values: values * 1.5,
    "moved by half a deviation": lambda values: values + 0.5 * float(values.std()),
    "moved by one": lambda values: values + 1,
    "cut off above": lambda values: np.minimum(values, np.quantile(values, 0.9)),
    "a third is one value": lambda values: np.where(np.arange(len(values)) % 3 == 0, values[0], values),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("draw", [skewed, with_outliers, discrete, mostly_one_value, two_hills])
def test_the_distance_from_counts_is_that_of_the_values(
    draw: Draw, change: Callable[[Values], Values]
) -> None:
    random = np.random.default_rng(3)
    before, now = draw(random, 20_000), change(draw(random, 5000))
    reference = distribution_of(before)
    assert statistic_of(reference) == "normed_wasserstein"
    tolerance = 0.02 if draw is with_outliers else 0.01
    assert distance(reference, counts_of(reference, now)) == pytest.approx(exact(before, now), abs=tolerance)


@pytest.mark.parametrize("income", [1, 1.5], ids=["no change", "incomes 1.5 times as high"])
def test_the_distance_of_the_samples_columns_is_that_of_their_values(tmp_path: Path, income: float) -> None:
    reference, window = sample(tmp_path, 6000), sample(tmp_path, 3000, seed=5, income=income)
    layout, compared = watched_of(reference).features, 0
    values = monitored_of(window)
    tally = layout.count(values, np.zeros(values.shape, dtype=np.bool_))
    before = monitored_of(reference).astype(np.float64)
    for place, (feature, counts) in enumerate(layout.parts(tally)):
        if statistic_of(feature) == "normed_wasserstein":
            compared += 1
            expected = exact(before[:, place], values[:, place].astype(np.float64))
            assert distance(feature, counts) == pytest.approx(expected, abs=0.01), feature.name
            if feature.name == INCOME:
                assert (expected > 0.3) == (income > 1)
    assert compared >= len(MONITORED) - 6


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("NAME_EDUCATION_TYPE", [0] * 50 + [1] * 30 + [3] * 20, [0] * 5 + [1] * 5 + [4] * 3),
        ("CNT_CHILDREN", [0] * 70 + [1] * 20 + [2] * 10, [0] * 3 + [2] * 5),
    ],
    ids=["words", "few numbers"],
)
def test_categories_are_compared_exactly_as_scipy_does(name: str, before: list[int], now: list[int]) -> None:
    reference = distribution_of([float(each) for each in before], name)
    different = len(reference.shares)
    expected = jensenshannon(np.bincount(before, minlength=different), np.bincount(now, minlength=different))
    found = distance(reference, counts_of(reference, np.array(now, dtype=np.float64)))
    assert statistic_of(reference) == "jensen_shannon"
    assert found == pytest.approx(expected, abs=1e-12)
    assert expected > 0.1


def test_categories_that_have_nothing_in_common_are_as_far_apart_as_can_be() -> None:
    reference = distribution_of([0.0] * 10, "NAME_EDUCATION_TYPE")
    assert distance(reference, counts_of(reference, np.ones(5))) == pytest.approx(np.sqrt(np.log(2)))


def test_there_is_no_distance_without_values_on_either_side() -> None:
    nothing = np.array([np.nan])
    reference, never = distribution_of([1.0, 2.0]), distribution_of(nothing)
    assert distance(reference, counts_of(reference, nothing)) is None
    assert distance(never, counts_of(never, np.ones(3))) is None


def test_a_reference_of_one_value_is_at_no_distance_from_itself_and_far_from_another() -> None:
    reference = distribution_of([5.0] * 20)
    assert distance(reference, counts_of(reference, np.full(7, 5.0))) == 0


def shares_of(shares: Sequence[float], labels: Sequence[str] = ()) -> Distribution:
    """Return a reference of which only the bins' shares, and the words of a category, are looked at."""
    places = tuple(float(place) for place in range(len(shares)))
    return Distribution(
        name="X",
        edges=places[1:],
        labels=tuple(labels),
        shares=tuple(shares),
        means=places,
        missing=0,
        deviation=1,
        lowest=0,
        highest=1,
    )


def test_the_stability_index_is_the_sum_worked_out_by_hand() -> None:
    reference, counts = shares_of([0.5, 0.3, 0.2]), np.array([40.0, 40.0, 20.0])
    # (0.4 - 0.5) ln(0.4 / 0.5) + (0.4 - 0.3) ln(0.4 / 0.3) + 0
    assert stability_index(reference, counts) == pytest.approx(0.0223144 + 0.0287682, abs=1e-6)


def test_an_empty_part_of_the_stability_index_counts_as_a_ten_thousandth() -> None:
    found = stability_index(shares_of([0.5, 0.5]), np.array([8.0, 0.0]))
    assert found == pytest.approx(0.5 * np.log(2) + (1e-4 - 0.5) * np.log(1e-4 / 0.5))


def test_the_stability_index_of_many_bins_is_that_of_their_tenths() -> None:
    reference = shares_of([1 / 200] * 200)
    counts = np.repeat([10.0, 20.0], 100)
    by_tenths = stability_index(shares_of([0.1] * 10), np.repeat([200.0, 400.0], 5))
    assert stability_index(reference, counts) == pytest.approx(by_tenths)
    assert by_tenths is not None
    assert by_tenths > 0.1


def test_the_stability_index_of_a_category_is_over_all_its_words() -> None:
    words = [f"word {number}" for number in range(40)]
    reference, counts = shares_of([1 / 40] * 40, words), np.tile([50.0, 150.0], 20)
    assert stability_index(reference, counts) == pytest.approx(0.25 * np.log(3))


def test_there_is_no_stability_index_without_rows_on_either_side() -> None:
    assert stability_index(shares_of([0.5, 0.5]), np.zeros(2)) is None
    assert stability_index(shares_of([0, 0]), np.ones(2)) is None


def test_parts_are_numbered_without_gaps_where_one_bin_holds_several_tenths() -> None:
    part = part_of_bins(shares_of([0.45, *[0.05] * 11]))
    assert np.unique(part).tolist() == list(range(part.max() + 1))
    assert part_of_bins(shares_of([1 / 200] * 200)).tolist() == np.repeat(np.arange(10), 20).tolist()
