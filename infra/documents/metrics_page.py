"""Metrics: what each process tells Prometheus, of the classes that count."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric

from infra.documents.tables import code, table
from services.feature.metrics import count_unknown
from services.gateway.metrics import GatewayMetrics
from services.kit.metrics import StageMetrics
from services.ledger.metrics import LedgerMetrics
from services.monitoring.metrics import MonitoringMetrics

OF: Final[Sequence[tuple[str, Callable[[CollectorRegistry], Any]]]] = (
    ("Feature, scoring, ledger and monitoring", StageMetrics),
    ("Feature", count_unknown),
    ("Gateway", GatewayMetrics),
    ("Ledger", LedgerMetrics),
    ("Monitoring", MonitoringMetrics),
)


def metrics_page() -> str:
    """Return the page."""
    parts = ["# Metrics", "At `/metrics` of each process, beside those of Python and the process itself."]
    for title, make in OF:
        registry = CollectorRegistry()
        make(registry)
        rows = ((code(_queried(metric)), metric.type, metric.documentation) for metric in registry.collect())
        parts += [f"## {title}", table(("Metric", "Kind", ""), rows)]
    return "\n\n".join(parts) + "\n"


def _queried(metric: Metric) -> str:
    """Return the name that a query asks for: Prometheus adds to those of counters."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name
