"""Decisions with what they were made from."""

from datetime import datetime
from typing import NamedTuple

from services.contracts.codec import ContractError, decode_fast
from services.contracts.event import RecordPosition
from services.contracts.events import ApplicationDecided
from services.contracts.wire import write
from services.kit.records import Record
from services.ledger.storable import (
    LARGEST_BIGINT,
    LARGEST_INTEGER,
    event_id,
    require_storable,
)


class Decision(NamedTuple):
    """A row of ledger.decisions."""

    application_id: str
    outcome: str
    probability_of_default: float
    score: int
    threshold: float
    reasons: str
    """JSON."""
    policy_rule: str | None
    policy_version: str
    model_name: str
    model_version: str
    model_role: str
    shadow: str | None
    """JSON."""
    catalogue_version: str
    channel: str | None
    submitted_at: datetime
    computed_at: datetime
    decided_at: datetime
    event_id: str
    topic: str
    partition: int
    offset: int
    application_event_id: str
    application_topic: str
    application_partition: int
    application_offset: int
    features_event_id: str
    features_topic: str
    features_partition: int
    features_offset: int


def decision_row(record: Record) -> Decision:
    """Return the row. Raises ContractError where the decision breaks its contract or cannot be kept."""
    event = decode_fast(ApplicationDecided, record.value, record.headers)
    require_storable(
        submitted_at=event.submitted_at, computed_at=event.computed_at, decided_at=event.decided_at
    )
    application, features = event.lineage.application, event.lineage.features
    _require_position("lineage.application", application)
    _require_position("lineage.features", features)
    return Decision(
        application_id=event.application_id,
        outcome=event.outcome,
        probability_of_default=event.probability_of_default,
        score=event.score,
        threshold=event.threshold,
        reasons=_json("reasons", event.reasons),
        policy_rule=event.policy_rule,
        policy_version=event.policy_version,
        model_name=event.model.name,
        model_version=event.model.version,
        model_role=event.model.role,
        shadow=None if event.shadow is None else _json("shadow", event.shadow),
        catalogue_version=event.catalogue_version,
        channel=event.channel,
        submitted_at=event.submitted_at,
        computed_at=event.computed_at,
        decided_at=event.decided_at,
        event_id=event_id(record),
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
        application_event_id=application.event_id,
        application_topic=application.topic,
        application_partition=application.partition,
        application_offset=application.offset,
        features_event_id=features.event_id,
        features_topic=features.topic,
        features_partition=features.partition,
        features_offset=features.offset,
    )


def _json(field: str, value: object) -> str:
    text = write(value).decode()
    if "\\u0000" in text:
        raise ContractError(f"{field}: holds the character U+0000, which PostgreSQL's JSON has no room for")
    return text


def _require_position(field: str, position: RecordPosition) -> None:
    if position.partition > LARGEST_INTEGER:
        raise ContractError(f"{field}.partition: must be at most {LARGEST_INTEGER}")
    if position.offset > LARGEST_BIGINT:
        raise ContractError(f"{field}.offset: must be at most {LARGEST_BIGINT}")
