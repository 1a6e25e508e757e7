"""The figures of several services on one page."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class Side(Collector):
    """Collects the registries of services, each sample with the name of its service."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterable[Metric]:
        """Return the figures; those of one name are one figure with a label more."""
        found: dict[str, Metric] = {}
        for service, registry in self._registries.items():
            for metric in registry.collect():
                same = Metric(metric.name, metric.documentation, metric.type)
                samples = found.setdefault(metric.name, same).samples
                for sample in metric.samples:
                    samples.append(sample._replace(labels={**sample.labels, "service": service}))
        return found.values()
