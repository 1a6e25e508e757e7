"""Decisions and alerts as messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts.alerts import Alert
from services.contracts.codec import attribute, encode
from services.contracts.event import RecordPosition
from services.contracts.events import (
    ApplicationDecided,
    FeaturesComputed,
    Lineage,
    ModelIdentity,
    ShadowOpinion,
)
from services.contracts.topics import ALERTS, DECISIONS
from services.contracts.wire import wire_form
from services.kit.records import Message, Record
from services.scorecard.decide import Decisions

SOURCE = "octroi/scoring"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the champion decided on a batch, with what the challenger thinks of it."""

    model: ModelIdentity
    policy_version: str
    threshold: float
    decisions: Decisions
    opinions: Sequence[ShadowOpinion | None]


def decided(
    record: Record, features: FeaturesComputed, verdicts: Verdicts, row: int, now: datetime
) -> Message:
    """Return the decision on one row of a batch, with where its vector and its application stand."""
    position = record.position()
    decisions = verdicts.decisions
    event = wire_form(ApplicationDecided)(
        application_id=features.application_id,
        outcome=decisions.outcomes[row],
        probability_of_default=float(decisions.probabilities[row]),
        score=int(decisions.scores[row]),
        threshold=verdicts.threshold,
        reasons=decisions.reasons[row],
        policy_rule=decisions.policy_rules[row],
        policy_version=verdicts.policy_version,
        model=verdicts.model,
        shadow=verdicts.opinions[row],
        catalogue_version=features.catalogue_version,
        channel=features.channel,
        contract_type=features.contract_type,
        submitted_at=features.submitted_at,
        computed_at=features.computed_at,
        decided_at=now,
        lineage=wire_form(Lineage)(
            application=features.application,
            features=wire_form(RecordPosition)(
                event_id=attribute(record.headers, "ce_id") or position,
                topic=record.partition.topic,
                partition=record.partition.number,
                offset=record.offset,
            ),
        ),
    )
    encoded = encode(
        event, event_id=position, source=SOURCE, request_id=attribute(record.headers, "ce_requestid")
    )
    return Message(DECISIONS.name, *encoded)


def alert_message(alert: Alert) -> Message:
    """Return an alert for the operators' topic."""
    encoded = encode(alert, event_id=alert.alert_id, source=SOURCE)
    return Message(ALERTS.name, *encoded)
