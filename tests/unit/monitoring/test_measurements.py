import pytest

from services.monitoring.alert_metrics import WINDOW_METRICS
from services.monitoring.measurements import Measure, about, measured
from tests.unit.monitoring.alert_examples import feature, summary


def test_every_metric_of_windows_is_measured() -> None:
    values = measured(summary(feature(), feature("AGE_YEARS", distance=0.3, drifted=True)))
    assert {measure.metric for measure in values} == set(WINDOW_METRICS)
    assert None not in values.values()
    assert values[about("drifted")] == 1
    assert values[Measure("feature.missing_change", "AGE_YEARS")] == 0.25
    assert values[about("ages.p99")] == 0.2


@pytest.mark.parametrize(
    ("distance", "drifted", "value"),
    [
        (0.3, True, 0.3),
        (0.05, False, 0.05),
        (0.3, False, None),  # chance explains it
        (None, False, None),
    ],
)
def test_a_large_distance_counts_only_where_the_summary_says_drifted(
    distance: float | None, drifted: bool, value: float | None
) -> None:
    values = measured(summary(feature(distance=distance, drifted=drifted)))
    assert values[Measure("feature.distance", "AMT_CREDIT")] == value


def test_few_rows_tell_nothing_but_the_distance_which_allows_for_that_itself() -> None:
    values = measured(summary(feature(distance=0.5, drifted=True), rows=300, decisions=300, shadow=None))
    told = {measure: value for measure, value in values.items() if value is not None}
    assert told == {about("drifted"): 1, Measure("feature.distance", "AMT_CREDIT"): 0.5}


def test_what_is_not_known_is_none() -> None:
    values = measured(summary(feature(distance=None), expected=None, shadow=None, ages=None))
    unknown = {measure.metric for measure, value in values.items() if value is None}
    assert unknown == {
        "drifted",
        "feature.distance",
        "expected.business_score",
        "shadow.agreement",
        "ages.p99",
    }
