"""Labels, series and tables as the page has them."""

import csv
from datetime import timedelta

import numpy as np
import pytest

from services.monitoring.champion import Watched
from services.monitoring.summary import Expected
from services.monitoring.views import feature_of, history_of, labels_of, rows_of_csv
from services.scorecard.policy import load_policy
from services.scorecard.profile import Distribution, ReferenceProfile
from tests.models import small_bundle
from tests.unit.monitoring.alert_examples import START, feature, summary
from tests.unit.monitoring.population import distribution_of

GRID = distribution_of(np.linspace(0, 100, 1001))
HEAVY = distribution_of(np.concatenate([np.zeros(600), np.linspace(1, 100, 900)]))
WORDS = distribution_of([0, 0, 1, np.nan], "CODE_GENDER")
FEW = distribution_of([1, 1, 2, 3])
NEVER = distribution_of([np.nan, np.nan])


def watching(*features: Distribution) -> Watched:
    profile = ReferenceProfile(rows=10, features=features, score=GRID)
    return Watched("7", small_bundle().model_copy(update={"reference_profile": profile}), load_policy())


def test_the_labels_of_a_category_are_its_words() -> None:
    assert labels_of(WORDS) == ["F", "M"]


def test_a_category_of_many_words_has_a_share_for_each() -> None:
    reference = distribution_of(np.arange(58.0) % 50, "ORGANIZATION_TYPE")
    watched = watching(reference)
    told = feature_of(watched, watched.features.empty(), reference.name)
    assert told is not None
    assert len(told["labels"]) == len(told["reference"]) == len(reference.labels) > 50


def test_the_labels_of_a_number_are_intervals_from_the_least_to_the_most() -> None:
    labels = labels_of(GRID)
    assert len(labels) == 10
    assert (labels[0].split(" to ")[0], labels[-1].split(" to ")[1]) == ("0", "100")
    assert labels[4].split(" to ")[0] == pytest.approx("40", abs=0) or float(
        labels[4].split(" to ")[0]
    ) == pytest.approx(40, abs=1)


@pytest.mark.parametrize(
    "reference", [GRID, HEAVY, WORDS, FEW, NEVER], ids=["grid", "heavy", "words", "few", "never"]
)
def test_there_is_a_label_for_each_share_of_reference_and_window(reference: Distribution) -> None:
    watched = watching(reference)
    matrix = np.array([[1.0], [0.0], [np.nan], [1.0]], dtype=np.float32)
    tally = watched.features.count(matrix, np.zeros(matrix.shape, dtype=np.bool_))
    told = feature_of(watched, tally, reference.name)
    assert told is not None
    assert len(told["labels"]) == len(told["reference"]) == len(told["current"])
    assert sum(told["reference"]) == pytest.approx(sum(reference.shares))
    assert sum(told["current"]) == pytest.approx(1)
    assert (told["missing"], told["missing_reference"]) == (0.25, reference.missing)


def test_a_window_without_rows_has_empty_shares() -> None:
    watched = watching(WORDS)
    told = feature_of(watched, watched.features.empty(), "CODE_GENDER")
    assert told is not None
    assert (told["current"], told["missing"]) == ([0, 0], 0)


def test_a_feature_that_is_not_monitored_is_not_told_of() -> None:
    watched = watching(WORDS)
    assert feature_of(watched, watched.features.empty(), "AMT_CREDIT") is None


def test_history_has_a_place_for_every_moment_in_every_series() -> None:
    first = summary(feature("A", distance=0.2, drifted=True), feature("B", distance=None), model_version="7")
    second = summary(
        *(feature("B", missing=0.5), feature("C")),
        model_version="8",
        at=START + timedelta(seconds=5),
        decisions=0,
        expected=None,
    )
    told = history_of("raw", [first, second], 0.1)
    assert told["features"] == {"A": [0.2, None], "B": [None, 0.02], "C": [None, 0.02]}
    assert told["missing"] == {"A": [0.25, None], "B": [0.25, 0.5], "C": [None, 0.25]}
    assert told["drifted"] == [1, 0]
    assert told["approved"] == [0.7, None]
    assert told["times"] == [START, START + timedelta(seconds=5)]
    assert told["champion_changes"] == [{"at": START + timedelta(seconds=5), "version": "8"}]
    assert isinstance(first.expected, Expected)
    assert told["business_score"] == [first.expected.business_score, None]
    assert {
        len(series) for name, series in told.items() if isinstance(series, list) and name[:5] != "champ"
    } == {2}


def test_history_of_nothing_is_empty() -> None:
    told = history_of("hour", [], 0.1)
    assert (told["times"], told["features"], told["champion_changes"], told["grain"]) == ([], {}, [], "hour")


def test_the_table_has_a_row_for_each_feature_of_each_summary() -> None:
    summaries = [
        summary(
            feature("A", distance=0.2, psi=0.1234567, drifted=True), feature("B", distance=None, psi=None)
        ),
        summary(feature("A"), at=START + timedelta(seconds=5)),
    ]
    rows = list(csv.DictReader(rows_of_csv(summaries)))
    assert [(row["feature"], row["distance"], row["psi"], row["drifted"]) for row in rows] == [
        ("A", "0.2", "0.123457", "1"),
        ("B", "", "", "0"),
        ("A", "0.02", "0.01", "0"),
    ]
    assert rows[0]["at"] == START.isoformat()
    assert (rows[0]["window"], rows[0]["segment"], rows[0]["rows"]) == ("last-5000", "all", "5000")


def test_the_table_of_nothing_is_its_heading() -> None:
    assert len(rows_of_csv([])) == 1
