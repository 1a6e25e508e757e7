import pytest

from services.contracts.alerts import DriftCleared, DriftDetected, ModelHealthDegraded
from services.contracts.codec import decode
from services.monitoring.alert_events import AlertEvent, alert_message, event_of
from services.monitoring.alert_state import Cleared, Key, Raised, Transition
from tests.unit.monitoring.alert_examples import START, feature, moment, rule, summary

DRIFTED = summary(feature(distance=0.2, drifted=True), rows=4321)
KEY = Key("feature-drift", "AMT_CREDIT")


def event(transition: Transition) -> AlertEvent | None:
    return event_of(transition, model_name="octroi-scorecard", model_version="7", summary=DRIFTED)


def test_drift_is_told_with_what_was_measured() -> None:
    told = event(Raised(rule(), "AMT_CREDIT", 0.2, START))
    assert isinstance(told, DriftDetected)
    assert (told.feature, told.statistic, told.window) == ("AMT_CREDIT", "normed_wasserstein", 4321)
    assert (told.distance, told.threshold, told.raised_at) == (0.2, 0.1, START)


def test_the_end_of_drift_has_an_id_of_its_own() -> None:
    raised = event(Raised(rule(), "AMT_CREDIT", 0.2, START))
    cleared = event(Cleared(KEY, START, moment(5), rule(), 0.03))
    assert raised is not None
    assert isinstance(cleared, DriftCleared)
    assert cleared.alert_id != raised.alert_id
    assert (cleared.distance, cleared.raised_at) == (0.03, moment(5))


@pytest.mark.parametrize(
    ("metric", "told"),
    [("performance.auc", "auc"), ("expected.business_score", "expected.business_score")],
)
def test_a_model_that_degrades_is_told_and_its_recovery_is_not(metric: str, told: str) -> None:
    watched = rule(name="low", metric=metric, comparison="below", threshold=0.7, clear_at=...)
    degraded = event(Raised(watched, metric, 0.6, START))
    assert isinstance(degraded, ModelHealthDegraded)
    assert (degraded.metric, degraded.value, degraded.limit) == (told, 0.6, 0.7)
    assert (degraded.model_name, degraded.model_version) == ("octroi-scorecard", "7")
    assert event(Cleared(Key("low", metric), START, moment(5), watched, 0.8)) is None


def test_what_is_not_about_the_model_is_no_event() -> None:
    lag = rule(name="lag", metric="pipeline.lag", clear_at=..., window=...)
    assert event(Raised(lag, "pipeline.lag", 9e9, START)) is None


def test_an_alert_that_ends_because_nobody_looks_says_nothing_of_the_population() -> None:
    assert event(Cleared(KEY, START, moment(5))) is None
    assert event(Cleared(Key("feature-drift", "GONE"), START, moment(5), rule(), 0.0)) is None


def test_the_same_transition_is_the_same_record_but_for_its_time() -> None:
    first, second = (event(Raised(rule(), "AMT_CREDIT", 0.2, START)) for _ in range(2))
    assert first is not None
    assert first == second
    message = alert_message(first)
    assert message.topic == "loan.alerts.v1"
    assert message.value is not None
    assert decode(DriftDetected, message.value, message.headers) == first
    assert dict(message.headers)["ce_id"] == first.alert_id.encode() == message.key
