"""What the gateway counts, for Prometheus."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class GatewayMetrics:
    """Counters, gauges and histograms in the registry of the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "octroi_http_requests", "Requests answered", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "octroi_http_seconds",
            "Time to answer, awaited decisions included",
            ["route", "method"],
            buckets=SECONDS,
            registry=registry,
        )
        self._awaited = Counter(
            "octroi_decisions_awaited",
            "Requests that waited for a decision, by whether it came in time",
            ["in_time"],
            registry=registry,
        )
        self._publish = Histogram(
            "octroi_publish_seconds",
            "Time until Kafka has an application",
            buckets=SECONDS,
            registry=registry,
        )
        self._rows_handed_in = Counter(
            "octroi_batch_rows_handed_in", "Rows of batch files that were handed in", registry=registry
        )
        self._batches_running = Gauge(
            "octroi_batches_running", "Batches that are running, at any gateway", registry=registry
        )
        self._waiters = Gauge("octroi_waiters", "Requests that wait for a decision", registry=registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route, method).observe(seconds)

    def awaited(self, *, in_time: bool) -> None:
        """Count a request that waited for a decision."""
        self._awaited.labels("yes" if in_time else "no").inc()

    def rows_handed_in(self, rows: int) -> None:
        """Count rows of a batch file."""
        self._rows_handed_in.inc(rows)

    def batches_running(self, batches: int) -> None:
        """Note how many batches are running."""
        self._batches_running.set(batches)

    def publishing(self) -> AbstractContextManager[Any]:
        """Time a publication."""
        return self._publish.time()

    def watch_waiters(self, count: Callable[[], int]) -> None:
        """Read the number of waiting requests from `count` whenever metrics are asked for."""
        self._waiters.set_function(count)
