"""What a tick tells of a window: the numbers that history keeps, alerts are decided on and the page shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, field_validator

ALL: Final = "all"
"""The segment of all applications."""
Statistic = Literal["normed_wasserstein", "jensen_shannon"]


class Told(BaseModel):
    """A part of a summary."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class FeatureDrift(Told):
    """A monitored feature in the window, against the reference profile."""

    name: str
    statistic: Statistic
    distance: float | None
    """In the statistic's unit; None where the window has too few values to tell."""
    psi: float | None
    """Population stability index over the deciles of the reference, or over its categories."""
    missing: float
    """Share of rows without a value."""
    missing_reference: float
    unknown: float
    """Share of rows with a word that the catalogue does not know."""
    outside: float
    """Share of values below or above all of the reference."""
    drifted: bool
    """Whether the distance is at the threshold or above, now."""


class Decisions(Told):
    """What was decided in the window."""

    rows: int
    approved: float
    """Share, as are the next two."""
    refused: float
    review: float
    mean_probability: float | None
    mean_score: float | None
    score_psi: float | None
    """Of the score against the reference profile."""
    reasons: Mapping[str, float]
    """Share of decisions whose first reason has the code, the most frequent first."""

    @field_validator("reasons")
    @classmethod
    def _most_frequent_first(cls, reasons: Mapping[str, float]) -> Mapping[str, float]:
        """Put in order what comes from PostgreSQL, whose JSON keeps none."""
        return dict(sorted(reasons.items(), key=lambda reason: -reason[1]))


class Expected(Told):
    """Performance estimated from calibrated probabilities, before outcomes are known.

    Right as far as the probabilities still come true: the population may change, what a probability means
    may not. Source: CBPE, Kozodoi et al. and NannyML, Confidence-based Performance Estimation (2022).
    """

    default_rate: float
    """Of all applicants."""
    false_negatives: float
    """Defaulters approved, expected in the window."""
    false_positives: float
    """Good clients refused, expected in the window."""
    business_score: float
    auc: float | None


class Shadow(Told):
    """The challenger beside the champion, on the same applications."""

    version: str
    rows: int
    agreement: float
    """Share of equal outcomes."""
    approved_by_challenger_alone: float
    """Share of applications: the swap set's part that would come in."""
    approved_by_champion_alone: float
    """Share of applications: the swap set's part that would go out."""
    champion_cost: float
    """Expected cost per application, by the champion's own probabilities."""
    challenger_cost: float
    """Expected cost per application of the challenger's decisions, by the champion's probabilities."""


class Ages(Told):
    """Seconds from handing in to decision."""

    p50: float
    p95: float
    p99: float


class WindowSummary(Told):
    """A window at one tick."""

    at: datetime
    window: str
    """For example last-5000, 1h, 24h or 7d."""
    segment: str
    """All, or a channel."""
    model_version: str
    rows: int
    """Feature vectors in the window."""
    begins: datetime | None
    ends: datetime | None
    threshold: float
    """Distance from which a feature counts as drifted."""
    features: tuple[FeatureDrift, ...]
    decisions: Decisions
    expected: Expected | None
    shadow: Shadow | None
    ages: Ages | None

    @property
    def drifted(self) -> int:
        """How many features are drifted now."""
        return sum(feature.drifted for feature in self.features)
