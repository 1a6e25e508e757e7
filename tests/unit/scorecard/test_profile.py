import numpy as np
import pytest

from services.scorecard.catalogue import FeatureDefinition
from services.scorecard.profile import Distribution, ReferenceProfile, reference_profile

ROWS = 1000
COLOUR = FeatureDefinition("COLOUR", "", (), categories=("red", "green", "blue"))
DEFINITIONS = [
    *(FeatureDefinition(name, "", ()) for name in ("AMOUNT", "FLAG", "NOTHING", "CONSTANT", "MOSTLY_ZERO")),
    COLOUR,
]
NAMES = [definition.name for definition in DEFINITIONS]


def matrix() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    random = np.random.default_rng(3)
    values = np.full((ROWS, len(NAMES)), np.nan, dtype=np.float32)
    values[:, 0] = random.lognormal(12, 1, ROWS)
    values[::4, 0] = np.nan
    values[:, 1] = np.arange(ROWS) % 10 == 0
    values[:, 3] = 7
    values[:, 4] = np.where(np.arange(ROWS) < 800, 0, np.arange(ROWS))
    values[:, 5] = np.where(np.arange(ROWS) < 250, 0, 2)
    return values


@pytest.fixture(scope="module")
def profile() -> ReferenceProfile:
    return reference_profile(matrix(), DEFINITIONS, NAMES, np.arange(300, 850).repeat(2)[:ROWS])


def of(profile: ReferenceProfile, name: str) -> Distribution:
    return profile.features[NAMES.index(name)]


def test_shares_sum_to_one_and_to_zero_where_nothing_is_present(profile: ReferenceProfile) -> None:
    sums = {shown.name: sum(shown.shares) for shown in (*profile.features, profile.score)}
    assert sums.pop("NOTHING") == 0
    assert list(sums.values()) == pytest.approx([1.0] * len(sums))


def test_there_is_one_bin_more_than_edges_and_edges_rise(profile: ReferenceProfile) -> None:
    for shown in (*profile.features, profile.score):
        assert len(shown.shares) == len(shown.edges) + 1
        assert list(shown.edges) == sorted(set(shown.edges))


def test_the_share_of_missing_rows_stands_apart(profile: ReferenceProfile) -> None:
    assert of(profile, "AMOUNT").missing == 0.25
    assert of(profile, "NOTHING").missing == 1
    assert of(profile, "FLAG").missing == 0


def test_many_numbers_are_in_deciles(profile: ReferenceProfile) -> None:
    assert of(profile, "AMOUNT").shares == pytest.approx([0.1] * 10, abs=0.002)
    assert profile.score.shares == pytest.approx([0.1] * 10, abs=0.003)


def test_few_numbers_have_a_bin_each(profile: ReferenceProfile) -> None:
    assert of(profile, "FLAG").edges == (0.5,)
    assert of(profile, "FLAG").shares == (0.9, 0.1)
    assert of(profile, "CONSTANT").shares == (1.0,)


def test_a_value_of_most_rows_is_counted_in_one_bin(profile: ReferenceProfile) -> None:
    assert max(of(profile, "MOSTLY_ZERO").shares) == pytest.approx(0.8)


def test_a_category_has_a_bin_for_every_word_even_an_unused_one(profile: ReferenceProfile) -> None:
    assert of(profile, "COLOUR").labels == COLOUR.categories
    assert of(profile, "COLOUR").shares == (0.25, 0.0, 0.75)


def test_other_values_are_measured_in_the_same_bins(profile: ReferenceProfile) -> None:
    colours = of(profile, "COLOUR").measure(np.array([1, 1, 0, np.nan], dtype=np.float32))
    assert colours.edges == of(profile, "COLOUR").edges
    assert colours.labels == COLOUR.categories
    assert colours.shares == pytest.approx([1 / 3, 2 / 3, 0])
    assert colours.missing == 0.25


def test_measuring_the_same_values_gives_the_same_distribution(profile: ReferenceProfile) -> None:
    for place, shown in enumerate(profile.features):
        assert shown.measure(matrix()[:, place]) == shown


def test_values_beyond_the_edges_are_in_the_outer_bins(profile: ReferenceProfile) -> None:
    measured = of(profile, "AMOUNT").measure(np.array([-1e30, 1e30]))
    assert (measured.shares[0], measured.shares[-1]) == (0.5, 0.5)


def test_no_values_are_no_shares(profile: ReferenceProfile) -> None:
    assert sum(of(profile, "FLAG").measure(np.array([])).shares) == 0


def test_a_monitored_feature_must_be_a_column() -> None:
    with pytest.raises(ValueError, match="ELSEWHERE"):
        reference_profile(matrix(), DEFINITIONS, ["ELSEWHERE"], np.arange(ROWS))


def test_a_profile_survives_json(profile: ReferenceProfile) -> None:
    assert ReferenceProfile.model_validate_json(profile.model_dump_json()) == profile
