"""What loans did."""

from datetime import datetime
from typing import NamedTuple

from services.contracts.codec import decode_fast
from services.contracts.events import LoanOutcomeObserved
from services.kit.records import Record
from services.ledger.storable import event_id, require_storable


class LoanOutcome(NamedTuple):
    """A row of ledger.outcomes: of two observations of one loan the later stands, so it can be corrected."""

    application_id: str
    outcome: str
    observed_at: datetime
    event_id: str
    topic: str
    partition: int
    offset: int


def outcome_row(record: Record) -> LoanOutcome:
    """Return the row. Raises ContractError where the event breaks its contract or cannot be kept."""
    event = decode_fast(LoanOutcomeObserved, record.value, record.headers)
    require_storable(observed_at=event.observed_at)
    return LoanOutcome(
        application_id=event.application_id,
        outcome=event.outcome,
        observed_at=event.observed_at,
        event_id=event_id(record),
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
    )
