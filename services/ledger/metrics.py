"""What the ledger counts, for Prometheus."""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch did to a table: rows written, and records whose row was there already."""

    rows: int
    known: int


class LedgerMetrics:
    """The ledger's counters, by table."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rows = Counter("octroi_ledger_rows", "Rows written", ["table"], registry=registry)
        self._duplicates = Counter(
            "octroi_ledger_duplicates",
            "Records whose row was there already: sent twice, or read twice after a crash",
            ["table"],
            registry=registry,
        )

    def count(self, written: Mapping[str, Written]) -> None:
        """Add a committed batch, by table."""
        for table, what in written.items():
            self._rows.labels(table).inc(what.rows)
            self._duplicates.labels(table).inc(what.known)
