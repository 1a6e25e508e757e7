"""What monitoring tells Prometheus of the engine's population and decisions."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge, Histogram

from services.monitoring.summary import WindowSummary

_LABELS = ("window", "segment")


class MonitoringMetrics:
    """Gauges by window and segment, as the last tick saw them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *more: str) -> Gauge:
            return Gauge(f"octroi_monitoring_{name}", text, (*_LABELS, *more), registry=registry)

        self._distance = gauge("drift_distance", "Distance from the reference profile", "feature")
        self._missing = gauge("missing_share", "Share of rows without a value", "feature")
        self._drifted = gauge("drifted_features", "Monitored features that are drifted")
        self._rows = gauge("window_rows", "Applications in the window")
        self._approved = gauge("approved_share", "Share of decisions that approve")
        self._score = gauge("mean_score", "Mean score")
        self._expected = gauge("expected_business_score", "Business score that the probabilities promise")
        self._age = gauge("decision_age_seconds", "From handing in to decision", "quantile")
        self._seconds = Histogram(
            "octroi_monitoring_tick_seconds",
            "Time that a tick takes",
            buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
            registry=registry,
        )

    def ticked(self, summaries: Sequence[WindowSummary], seconds: float) -> None:
        """Take over what a tick told."""
        self._seconds.observe(seconds)
        for summary in summaries:
            self._take(summary)

    def _take(self, summary: WindowSummary) -> None:
        place = (summary.window, summary.segment)
        self._drifted.labels(*place).set(summary.drifted)
        self._rows.labels(*place).set(summary.rows)
        self._approved.labels(*place).set(summary.decisions.approved)
        for feature in summary.features:
            self._missing.labels(*place, feature.name).set(feature.missing)
            if feature.distance is not None:
                self._distance.labels(*place, feature.name).set(feature.distance)
        if summary.decisions.mean_score is not None:
            self._score.labels(*place).set(summary.decisions.mean_score)
        if summary.expected is not None:
            self._expected.labels(*place).set(summary.expected.business_score)
        if summary.ages is not None:
            for name, seconds in summary.ages.model_dump().items():
                self._age.labels(*place, name.replace("p", "0.")).set(seconds)
