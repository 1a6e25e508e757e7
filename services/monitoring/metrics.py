"""What monitoring tells Prometheus of the engine's population and decisions."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Gauge, Histogram

from services.monitoring.summary import WindowSummary

_LABELS = ("window", "segment")
Series = dict[tuple[Gauge, tuple[str, ...]], float]


class MonitoringMetrics:
    """Gauges by window and segment, as the last tick saw them; what it did not tell is not there."""

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
        self._told: Series = {}

    def ticked(self, summaries: Sequence[WindowSummary], seconds: float) -> None:
        """Take over what a tick told."""
        self._seconds.observe(seconds)
        self._tell({place: value for summary in summaries for place, value in self._series(summary)})

    def rested(self) -> None:
        """Tell nothing any more: another instance ticks, and knows what is true now."""
        self._tell({})

    def _tell(self, told: Series) -> None:
        # Features of a former champion, segments that ended, distances of too few values: they would stay.
        for gauge, labels in self._told.keys() - told.keys():
            gauge.remove(*labels)
        for (gauge, labels), value in told.items():
            gauge.labels(*labels).set(value)
        self._told = told

    def _series(self, summary: WindowSummary) -> Iterator[tuple[tuple[Gauge, tuple[str, ...]], float]]:
        place = (summary.window, summary.segment)
        values: list[tuple[Gauge, tuple[str, ...], float | None]] = [
            (self._drifted, place, summary.drifted),
            (self._rows, place, summary.rows),
            (self._approved, place, summary.decisions.approved),
            (self._score, place, summary.decisions.mean_score),
            (self._expected, place, None if summary.expected is None else summary.expected.business_score),
        ]
        for feature in summary.features:
            values.append((self._missing, (*place, feature.name), feature.missing))
            values.append((self._distance, (*place, feature.name), feature.distance))
        for name, seconds in summary.ages or ():
            values.append((self._age, (*place, name.replace("p", "0.")), seconds))
        for gauge, labels, value in values:
            if value is not None:
                yield (gauge, labels), value
