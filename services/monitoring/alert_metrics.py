"""Names that alert rules may use, for metrics and windows."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

DISTANCE: Final = "feature.distance"
WINDOW_METRICS: Final = (
    DISTANCE,
    "feature.psi",
    "feature.missing_change",
    "feature.unknown",
    "score.psi",
    "decisions.approved",
    "expected.business_score",
    "shadow.agreement",
    "ages.p99",
    "drifted",
)
"""What a window's summary tells; see `measured`."""
ENGINE_METRICS: Final = ("performance.auc", "performance.business_score", "pipeline.lag", "dead_letters")
"""What is told of the whole engine, without a window."""


@dataclass(frozen=True)
class Known:
    """What rules may name, and from which distance a feature counts as drifted."""

    windows: Collection[str]
    drifted_from: float
    window_metrics: Collection[str] = WINDOW_METRICS
    engine_metrics: Collection[str] = ENGINE_METRICS


def must_be_among(given: str | None, known: Collection[str]) -> None:
    """Raise pydantic's error, naming what is known, for anything else."""
    if given not in known:
        raise PydanticCustomError("rule", "must be one of {known}", {"known": ", ".join(known)})
