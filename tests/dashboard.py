"""The provisioned dashboard as tests read it."""

import json
import re
from typing import Any

from infra.local.settings import REPOSITORY

GRAFANA = REPOSITORY / "infra" / "grafana"


def dashboard() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((GRAFANA / "octroi.json").read_text())
    return told


def queries() -> list[str]:
    """Return what all panels ask Prometheus."""
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def selectors(query: str) -> list[tuple[str, dict[str, str]]]:
    """Return each metric of a query with the labels that it must have."""
    return [
        (name, dict(re.findall(r'(\w+)="([^"]*)"', braces)))
        for name, braces in re.findall(r"\b(octroi_\w+)(\{[^}]*\})?", query)
    ]


def groups(query: str) -> set[str]:
    """Return the labels that a query's results are told apart by."""
    return {label for names in re.findall(r"by \(([^)]*)\)", query) for label in names.split(", ")}
