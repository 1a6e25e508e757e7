"""The topics: which events each carries, between whom, and how Kafka keeps them."""

from dataclasses import dataclass
from datetime import timedelta

from services.contracts.alerts import (
    ChampionChanged,
    DecisionsHeld,
    DriftCleared,
    DriftDetected,
    ModelHealthDegraded,
    ModelRefused,
)
from services.contracts.catalogue import CatalogueDescribed
from services.contracts.event import Event
from services.contracts.events import (
    ApplicationDecided,
    FeaturesComputed,
    LoanApplicationSubmitted,
    LoanOutcomeObserved,
)
from services.contracts.trials import TrialAsked, TrialDecided

LARGEST_RECORD = 8 * 1024 * 1024
"""Bytes. Far above any valid event: what is too large becomes a dead letter with a reason."""
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the engine. `retention` None keeps records for ever."""

    name: str
    summary: str
    events: tuple[type[Event], ...]
    retention: timedelta | None
    key: str = "application_id"
    """What records are keyed by, in UTF-8."""
    from_outside: bool = False
    """Whether other systems write to it."""
    largest_record: int = LARGEST_RECORD
    """Bytes."""
    compacted: bool = False
    single_partition: bool = False

    def configuration(self) -> dict[str, str]:
        """Return the topic's settings in Kafka's words."""
        milliseconds = -1 if self.retention is None else int(self.retention.total_seconds() * 1000)
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(milliseconds),
            **self._segments(),
            "max.message.bytes": str(self.largest_record),
            # What others write is kept from its arrival on: their clocks may be wrong, and Kafka would remove
            # a record that says it is old before anybody has read it.
            "message.timestamp.type": "LogAppendTime" if self.from_outside else "CreateTime",
        }

    def _segments(self) -> dict[str, str]:
        """Return how often Kafka begins a new file: it removes whole ones, and begins one a week."""
        if self.retention is None or self.retention >= A_WEEK:
            return {}
        return {"segment.ms": str(int(self.retention.total_seconds() * 1000))}


APPLICATIONS = Topic(
    "loan.applications.v1",
    "Raw loan applications, from the gateway and from any other producer.",
    (LoanApplicationSubmitted,),
    timedelta(days=30),
    from_outside=True,
)
FEATURES = Topic(
    "loan.features.v1",
    "Feature vectors, from the feature service to scoring and monitoring.",
    (FeaturesComputed,),
    # As long as the applications, whose time they have: Kafka removes what is old, read or not.
    timedelta(days=30),
)
DECISIONS = Topic(
    "loan.decisions.v1",
    "Decisions with their reasons and lineage, from scoring to everybody.",
    (ApplicationDecided,),
    timedelta(days=30),
)
OUTCOMES = Topic(
    "loan.outcomes.v1",
    "What loans did, from the back office to the ledger and monitoring.",
    (LoanOutcomeObserved,),
    timedelta(days=30),
    from_outside=True,
)
ALERTS = Topic(
    "loan.alerts.v1",
    "What operators must know, from scoring and monitoring.",
    (ChampionChanged, DecisionsHeld, ModelRefused, DriftDetected, DriftCleared, ModelHealthDegraded),
    timedelta(days=30),
    key="alert_id",
    single_partition=True,
)
CATALOGUES = Topic(
    "loan.catalogues.v1",
    "The meaning of feature vectors, one record per catalogue version.",
    (CatalogueDescribed,),
    None,
    key="catalogue_version",
    compacted=True,
    single_partition=True,
)
DEAD_LETTERS = Topic(
    "loan.dead-letters.v1",
    "Records that a stage could not read: the untouched bytes, with origin and error in headers.",
    (),
    timedelta(days=30),
    key="key of the original record",
    largest_record=LARGEST_RECORD + 64 * 1024,  # the headers that are added
)
TRIALS = Topic(
    "loan.trials.v1",
    "Questions what would be decided, from the gateway to scoring. Nobody else reads them.",
    (TrialAsked,),
    timedelta(hours=1),
    key="trial_id",
)
TRIAL_DECISIONS = Topic(
    "loan.trial-decisions.v1",
    "Answers to trials, from scoring to the gateway. They are no decisions, and in no record.",
    (TrialDecided,),
    timedelta(hours=1),
    key="trial_id",
)

TOPICS = (
    APPLICATIONS,
    FEATURES,
    DECISIONS,
    OUTCOMES,
    ALERTS,
    CATALOGUES,
    DEAD_LETTERS,
    TRIALS,
    TRIAL_DECISIONS,
)
