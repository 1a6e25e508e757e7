"""What a stage counts, for Prometheus."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.kit.outputs import Settled
from services.kit.records import Partition

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000)


class StageMetrics:
    """A stage's counters, gauges and histograms in a registry of its own service."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._consumed = Counter("octroi_records_consumed", "Records done with", ["topic"], registry=registry)
        self._produced = Counter("octroi_items_produced", "Messages or rows delivered", registry=registry)
        self._dead = Counter("octroi_dead_letters", "Records refused", ["topic"], registry=registry)
        self._batch = Histogram(
            "octroi_batch_records", "Records in a turn", buckets=RECORDS, registry=registry
        )
        self._handler = Histogram(
            "octroi_handler_seconds", "Time in the handler, a batch", buckets=SECONDS, registry=registry
        )
        self._commit = Histogram(
            "octroi_commit_seconds", "Time to deliver and commit a batch", buckets=SECONDS, registry=registry
        )
        self._age = Histogram(
            "octroi_age_seconds",
            "Age of a batch's oldest record since its first event was sent",
            buckets=SECONDS,
            registry=registry,
        )
        self._lag = Gauge(
            "octroi_lag_records", "Records that wait to be read", ["topic", "partition"], registry=registry
        )

    def handling(self) -> AbstractContextManager[Any]:
        """Time the handler."""
        return self._handler.time()

    def committing(self) -> AbstractContextManager[Any]:
        """Time the delivery."""
        return self._commit.time()

    def account(self, settled: Settled[Any]) -> None:
        """Count a delivered turn."""
        for partition, output in settled.outputs.items():
            self._consumed.labels(partition.topic).inc(output.records)
            self._produced.inc(len(output.items))
            self._dead.labels(partition.topic).inc(len(output.dead))
        origins = [origin.timestamp for output in settled.outputs.values() for origin, _ in output.items]
        if settled.outputs:
            self._batch.observe(settled.handled())
        if origins:
            self._age.observe(max(0.0, time.time() - min(origins) / 1000))

    def lag(self, lag: Mapping[Partition, int]) -> None:
        """Note the lag of the assigned partitions."""
        self._lag.clear()
        for partition, records in lag.items():
            self._lag.labels(partition.topic, partition.number).set(records)
