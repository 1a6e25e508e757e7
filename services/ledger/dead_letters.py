"""Dead letters: which record was refused, where and why. Its bytes stay in the topic."""

from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from services.contracts.codec import attribute
from services.contracts.event import ApplicationId
from services.kit.records import Record
from services.ledger.applications import identify
from services.ledger.storable import (
    LARGEST_BIGINT,
    LARGEST_INTEGER,
    is_storable,
    whole_number,
)

UNKNOWN = "unknown"
_application_id: TypeAdapter[str] = TypeAdapter(ApplicationId)


class DeadLetter(NamedTuple):
    """A row of ledger.dead_letters, by the position of the dead letter itself."""

    topic: str
    partition: int
    offset: int
    application_id: str | None
    stage: str
    error: str
    attempt: int
    origin_topic: str | None
    origin_partition: int | None
    origin_offset: int | None
    failed_at: datetime


def dead_letter_row(record: Record) -> DeadLetter:
    """Return the row, whatever the record is like: a refused dead letter would become one more, for ever."""
    headers = record.headers
    return DeadLetter(
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
        application_id=_about(record),
        stage=attribute(headers, "octroi_stage") or UNKNOWN,
        error=attribute(headers, "octroi_error") or UNKNOWN,
        attempt=whole_number(attribute(headers, "octroi_attempt"), LARGEST_INTEGER) or 1,
        origin_topic=attribute(headers, "octroi_origin_topic"),
        origin_partition=whole_number(attribute(headers, "octroi_origin_partition"), LARGEST_INTEGER),
        origin_offset=whole_number(attribute(headers, "octroi_origin_offset"), LARGEST_BIGINT),
        failed_at=_failed_at(record),
    )


def _about(record: Record) -> str | None:
    """Return the application's id from the value; from the key where the value does not say, or None."""
    event = identify(record.value)
    if event is not None:
        return event.application_id
    try:
        return _application_id.validate_python((record.key or b"").decode(errors="replace"))
    except ValidationError:
        return None


def _failed_at(record: Record) -> datetime:
    try:
        moment = datetime.fromisoformat(attribute(record.headers, "octroi_failed_at") or "")
    except ValueError:
        return record.time()
    return moment if moment.tzinfo is not None and is_storable(moment) else record.time()
