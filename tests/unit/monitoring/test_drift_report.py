"""Evidently's report, by Evidently itself, beside the distances that the window's own counts give."""

import warnings
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from services.monitoring.distances import distance, statistic_of
from services.monitoring.feature_tally import FeatureLayout
from services.monitoring.reporting import ReportSettings
from services.scorecard.catalogue import FeatureDefinition, Matrix
from services.scorecard.profile import ReferenceProfile, reference_profile

with warnings.catch_warnings():
    # Evidently patches numpy.core, and the web framework of its own server calls what it has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from services.monitoring.drift_report import DriftReport, drift_report

ROWS, REFERENCE_ROWS = 3000, 8000
SERVICE = ReportSettings()
WORDS = ("Cash loans", "Revolving loans", "Other")
Values = NDArray[np.float64]


class Case(NamedTuple):
    """A feature's values in the reference and in the window."""

    reference: Values
    current: Values
    words: tuple[str, ...] = ()


class Chance:
    """Draws values, other ones each time and the same ones in every run."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(11)

    def normal(self, rows: int, mean: float, deviation: float = 1.0) -> Values:
        return self._random.normal(mean, deviation, rows)

    def skewed(self, rows: int, mean: float) -> Values:
        return self._random.lognormal(mean, 1.2, rows)

    def counted(self, rows: int, mean: float) -> Values:
        return self._random.poisson(mean, rows).astype(np.float64)

    def chosen(self, rows: int, *shares: float) -> Values:
        return self._random.choice(len(shares), size=rows, p=shares).astype(np.float64)

    def holed(self, values: Values, share: float) -> Values:
        return np.where(self._random.random(values.shape) < share, np.nan, values)

    def with_outliers(self, values: Values) -> Values:
        return np.where(self._random.random(values.shape) < 0.001, values + 40, values)


def drawn(chance: Chance) -> dict[str, Case]:
    then, now = REFERENCE_ROWS, ROWS
    return {
        "STEADY": Case(chance.normal(then, 0), chance.normal(now, 0)),
        "SHIFTED": Case(chance.normal(then, 0), chance.normal(now, 0.3)),
        "LARGE": Case(chance.normal(then, 6e5, 4e5), chance.normal(now, 7e5, 4e5)),
        "OUTLIERS": Case(
            chance.with_outliers(chance.normal(then, 0)), chance.with_outliers(chance.normal(now, 0.1))
        ),
        "SKEWED": Case(chance.skewed(then, 0), chance.skewed(now, 0.3)),
        "HOLED": Case(
            chance.holed(chance.normal(then, 5, 2), 0.4), chance.holed(chance.normal(now, 6, 2), 0.7)
        ),
        "COUNTED": Case(chance.counted(then, 6), chance.counted(now, 7)),
        "FEW_VALUES": Case(chance.chosen(then, 0.7, 0.2, 0.1), chance.chosen(now, 0.5, 0.2, 0.3)),
        "FLAG": Case(
            chance.holed(chance.chosen(then, 0.9, 0.1), 0.2),
            chance.holed(chance.chosen(now, 0.88, 0.12), 0.3),
        ),
        "CATEGORY": Case(chance.chosen(then, 0.9, 0.1), chance.chosen(now, 0.7, 0.2, 0.1), WORDS),
        "STEADY_CATEGORY": Case(
            chance.holed(chance.chosen(then, 0.5, 0.3, 0.2), 0.1), chance.chosen(now, 0.5, 0.3, 0.2), WORDS
        ),
    }


CASES = drawn(Chance())
OTHER_CONSTANT = {"OTHER_CONSTANT": Case(np.zeros(REFERENCE_ROWS), np.ones(ROWS))}
"""It has one bin in the profile, so that the window's own counts cannot tell its distance."""
EVERY, EACH = np.arange(REFERENCE_ROWS, dtype=np.float64), np.arange(ROWS, dtype=np.float64)
ODD = {
    "NEVER_LEARNT": Case(np.full(REFERENCE_ROWS, np.nan), EACH),
    "LEARNT_ONCE": Case(np.where(EVERY == 7, 1, np.nan), EACH),
    "GONE": Case(EVERY, np.full(ROWS, np.nan)),
    "RARE": Case(EVERY, np.where(EACH < 99, 1, np.nan)),
    "CONSTANT": Case(np.ones(REFERENCE_ROWS), np.where(EACH < 200, 1, np.nan)),
    "CONSTANT_WORD": Case(np.ones(REFERENCE_ROWS), np.ones(ROWS), WORDS),
}


def matrices(cases: dict[str, Case]) -> tuple[Matrix, Matrix]:
    sides = ([case.reference for case in cases.values()], [case.current for case in cases.values()])
    reference, current = (np.ascontiguousarray(np.array(side, dtype=np.float32).T) for side in sides)
    return reference, current


def profile_of(cases: dict[str, Case]) -> ReferenceProfile:
    definitions = [
        FeatureDefinition(name, "a feature", ("AMT_CREDIT",), categories=case.words)
        for name, case in cases.items()
    ]
    reference, _ = matrices(cases)
    return reference_profile(reference, definitions, list(cases), np.full(REFERENCE_ROWS, 600))


def report_on(reference: Matrix, current: Matrix, cases: dict[str, Case]) -> DriftReport:
    """Return the report as the service has it made."""
    features = profile_of(cases).features
    return drift_report(
        reference, current, features, threshold=SERVICE.threshold, least_rows=SERVICE.least_rows
    )


def report_of(cases: dict[str, Case], rows: int = ROWS) -> DriftReport:
    reference, current = matrices(cases)
    return report_on(reference, current[:rows], cases)


@pytest.fixture(scope="module")
def report() -> DriftReport:
    return report_of(CASES | OTHER_CONSTANT | ODD)


@pytest.mark.parametrize("name", sorted(CASES))
def test_evidently_and_the_windows_own_counts_tell_the_same_distance(report: DriftReport, name: str) -> None:
    layout = FeatureLayout(profile_of(CASES))
    _, current = matrices(CASES)
    counted = {
        feature.name: (feature, counts)
        for feature, counts in layout.parts(layout.count(current, np.zeros(current.shape, dtype=bool)))
    }
    feature, counts = counted[name]
    [compared] = [each for each in report.result.compared if each.name == name]
    assert compared.statistic == statistic_of(feature)
    assert compared.distance == pytest.approx(distance(feature, counts), abs=0.01)
    assert compared.drifted == (compared.distance >= report.result.threshold)
    assert compared.values == counts.counts.sum()


def test_the_report_names_what_drifted(report: DriftReport) -> None:
    drifted = {feature.name for feature in report.result.compared if feature.drifted}
    assert drifted >= {"SHIFTED", "SKEWED", "HOLED", "FEW_VALUES", "CATEGORY", "OTHER_CONSTANT"}
    assert not drifted & {"STEADY", "STEADY_CATEGORY", "FLAG"}
    assert report.result.drifted == len(drifted)


def test_features_that_cannot_be_compared_are_set_aside_with_a_sentence(report: DriftReport) -> None:
    assert {feature.name: feature.why for feature in report.result.set_aside} == {
        "NEVER_LEARNT": "it has no values in the reference, and at least 2 are needed",
        "LEARNT_ONCE": "it has 1 value in the reference, and at least 2 are needed",
        "GONE": "it is missing in every row of the window",
        "RARE": "it has 99 values in the window, and at least 100 are needed",
        "CONSTANT": "it has one and the same value in the reference and in the window",
        "CONSTANT_WORD": "it has one and the same value in the reference and in the window",
    }
    assert {feature.name for feature in report.result.compared} == set(CASES | OTHER_CONSTANT)


def test_the_page_tells_words_and_what_was_set_aside_and_needs_no_other_file(report: DriftReport) -> None:
    assert all(word in report.html for word in (*WORDS, *CASES, *ODD))
    assert "missing in every row of the window" in report.html
    assert '<script src="' not in report.html
    assert "<link" not in report.html.partition("<body>")[0]


def test_methods_are_the_same_for_a_small_reference() -> None:
    reference, current = matrices(CASES)
    result = report_on(reference[:800], current, CASES).result
    # By p-values, which Evidently takes by itself up to 1,000 rows, 0.05 would not be a distance.
    distances = {each.name: each.distance for each in result.compared}
    assert distances["STEADY"] < 0.1 < distances["SHIFTED"]
    assert distances["SHIFTED"] == pytest.approx(0.3, abs=0.06)
    assert {each.name for each in result.compared if each.drifted} == {
        name for name, far in distances.items() if far >= 0.1
    }


@pytest.mark.parametrize("rows", [0, 1, 499])
def test_a_small_window_is_reported_and_not_compared(rows: int) -> None:
    report = report_of(CASES, rows)
    assert report.result.compared == ()
    assert report.result.rows == rows
    assert report.result.untested is not None
    assert f"the window has {rows} rows, and a report needs at least 500" in report.result.untested
    assert report.result.untested in report.html


def test_a_window_of_the_least_size_is_compared() -> None:
    assert report_of(CASES, 500).result.untested is None


def test_a_report_without_a_feature_to_compare_says_so() -> None:
    report = report_of(ODD)
    assert report.result.untested == "no feature can be compared: each one's reason stands beside it"
    assert len(report.result.set_aside) == len(ODD)
    assert all(name in report.html for name in ODD)


def test_columns_that_are_not_the_monitored_features_are_refused() -> None:
    reference, current = matrices(CASES)
    with pytest.raises(ValueError, match=f"the window has the shape .* and {len(CASES)} features"):
        report_on(reference, current[:, 1:], CASES)
