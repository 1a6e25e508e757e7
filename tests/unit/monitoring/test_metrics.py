"""Gauges tell what the last tick told, and nothing else."""

from prometheus_client import CollectorRegistry

from services.monitoring.metrics import MonitoringMetrics
from services.monitoring.summary import WindowSummary
from tests.unit.monitoring.alert_examples import feature, summary

PREFIX = "octroi_monitoring_"
Series = dict[tuple[str, ...], float]


class Scraped:
    """Metrics as Prometheus sees them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = MonitoringMetrics(self.registry)

    def after(self, *summaries: WindowSummary) -> Series:
        """Return all gauges after a tick, by name and labels."""
        self.metrics.ticked(summaries, 0.1)
        return self.gauges()

    def gauges(self) -> Series:
        return {
            (sample.name.removeprefix(PREFIX), *sample.labels.values()): sample.value
            for family in self.registry.collect()
            if family.type == "gauge"
            for sample in family.samples
        }


def test_a_tick_is_told_by_window_and_segment() -> None:
    place = ("last-5000", "all")
    assert Scraped().after(summary(feature("AMT_CREDIT", distance=0.3, drifted=True))) == {
        ("drift_distance", *place, "AMT_CREDIT"): 0.3,
        ("missing_share", *place, "AMT_CREDIT"): 0.25,
        ("drifted_features", *place): 1,
        ("window_rows", *place): 5000,
        ("approved_share", *place): 0.7,
        ("mean_score", *place): 610,
        ("expected_business_score", *place): 0.71,
        ("decision_age_seconds", *place, "0.50"): 0.05,
        ("decision_age_seconds", *place, "0.95"): 0.1,
        ("decision_age_seconds", *place, "0.99"): 0.2,
    }


def test_features_that_another_champion_does_not_monitor_go_away() -> None:
    scraped = Scraped()
    scraped.after(summary(feature("AMT_CREDIT"), feature("AGE_YEARS")))
    told = scraped.after(summary(feature("AGE_YEARS"), feature("OWN_CAR_AGE")))
    assert {labels[3] for labels in told if labels[0] in {"drift_distance", "missing_share"}} == {
        "AGE_YEARS",
        "OWN_CAR_AGE",
    }


def test_segments_that_ended_go_away() -> None:
    scraped = Scraped()
    scraped.after(summary(feature()), summary(feature(), segment="web"))
    assert {labels[2] for labels in scraped.after(summary(feature()))} == {"all"}
    assert scraped.after() == {}


def test_what_is_not_known_any_more_goes_away_and_comes_back() -> None:
    scraped = Scraped()
    before = scraped.after(summary(feature()))
    few = summary(feature(distance=None), expected=None, ages=None)
    assert before.keys() - scraped.after(few).keys() == {
        labels
        for labels in before
        if labels[0] in {"drift_distance", "expected_business_score", "decision_age_seconds"}
    }
    assert scraped.after(summary(feature())) == before


def test_an_instance_that_does_not_lead_any_more_tells_nothing() -> None:
    scraped = Scraped()
    scraped.after(summary(feature()))
    scraped.metrics.rested()
    assert scraped.gauges() == {}
