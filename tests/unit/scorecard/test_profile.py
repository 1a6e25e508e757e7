import numpy as np
import pytest

from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.profile import BINS, Distribution, ReferenceProfile, reference_profile

NUMBER = FeatureDefinition("NUMBER", "a number", ("AMT_CREDIT",))
CATEGORY = FeatureDefinition("CATEGORY", "a code", ("CODE_GENDER",), categories=("F", "M", "N"))


def profile(definition: FeatureDefinition, values: list[float]) -> Distribution:
    matrix: Matrix = np.array(values, dtype=np.float32).reshape(-1, 1)
    return reference_profile(matrix, [definition], [definition.name], np.full(len(values), 600)).features[0]


def test_numbers_fall_into_bins_of_equally_many_rows() -> None:
    distribution = profile(NUMBER, list(range(2000)))
    assert len(distribution.edges) == BINS - 1
    assert distribution.shares == pytest.approx([1 / BINS] * BINS)
    assert distribution.means == pytest.approx(np.arange(BINS) * 10 + 4.5)
    assert (distribution.lowest, distribution.highest) == (0, 1999)
    assert distribution.deviation == pytest.approx(np.arange(2000).std())


def test_missing_numbers_are_a_share_of_the_rows_and_of_no_bin() -> None:
    distribution = profile(NUMBER, [1.0, 2.0, 2.0, np.nan])
    assert distribution.missing == 0.25
    assert distribution.shares == pytest.approx([1 / 3, 2 / 3])


def test_few_distinct_numbers_have_a_bin_each() -> None:
    distribution = profile(NUMBER, [0, 0, 0, 1])
    assert distribution.edges == (0.5,)
    assert distribution.shares == (0.75, 0.25)


def test_a_number_that_fills_several_bins_leaves_no_empty_one() -> None:
    distribution = profile(NUMBER, [0.0] * 500 + list(range(500)))
    assert min(distribution.shares) > 0
    assert sum(distribution.shares) == pytest.approx(1)


def test_categories_have_a_labelled_bin_each_even_where_there_is_none() -> None:
    distribution = profile(CATEGORY, [0, 0, 2, np.nan])
    assert distribution.labels == ("F", "M", "N")
    assert distribution.shares == pytest.approx([2 / 3, 0, 1 / 3])


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_nothing_present_has_no_shares(values: list[float]) -> None:
    distribution = profile(NUMBER, values)
    assert distribution.edges == ()
    assert distribution.shares == (0,)
    assert distribution.missing == (1 if values else 0)
    assert (distribution.lowest, distribution.highest, distribution.deviation) == (None, None, 0)


def test_a_profile_survives_json() -> None:
    matrix = np.random.default_rng(1).random((50, 2), dtype=np.float32)
    scores = np.arange(50) * 11 + 300
    reference = reference_profile(matrix, [NUMBER, CATEGORY], ["NUMBER"], scores)
    assert ReferenceProfile.model_validate_json(reference.model_dump_json()) == reference
    assert reference.rows == 50
    assert sum(reference.score.shares) == pytest.approx(1)
    assert max(reference.score.shares) == pytest.approx(0.02)


def test_a_monitored_feature_that_is_no_column_is_an_error() -> None:
    with pytest.raises(ValueError, match="OTHER"):
        reference_profile(np.zeros((1, 1), dtype=np.float32), [NUMBER], ["OTHER"], np.array([600]))


def test_a_number_that_is_nearly_always_the_same_has_bins_for_its_other_values() -> None:
    distribution = profile(NUMBER, [0.0] * 9980 + list(range(1, 21)))
    assert len(distribution.edges) > 10
    assert distribution.shares[0] == pytest.approx(0.998)
