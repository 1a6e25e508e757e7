"""Applications as they were received, each under the id it came with."""

from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import from_json

from services.contracts.cells import Category
from services.contracts.codec import LARGEST_EVENT, attribute
from services.contracts.event import ApplicationId, GivenMoment, Value
from services.contracts.events import Channel
from services.kit.records import Record
from services.ledger.storable import event_id, record_time

Unfit = Annotated[None, BeforeValidator(lambda _: None)]
"""What breaks the contract reads as None; it stays in the raw value."""
FIRST_FITTING = Field(union_mode="left_to_right")


class Application(NamedTuple):
    """A row of ledger.applications, and of ledger.conflicts for a second application under one id."""

    application_id: str
    channel: str | None
    contract_type: str | None
    submitted_at: datetime
    received_at: datetime
    """The record's own time."""
    raw: bytes
    """The record's value as received."""
    event_id: str
    request_id: str | None
    topic: str
    partition: int
    offset: int


class _Loan(Value):
    NAME_CONTRACT_TYPE: Annotated[Category | Unfit, FIRST_FITTING] = None


class _Identified(Value):
    """An id is all that an application must have to be kept.

    It is read by the same parser as the full contract, so whatever the feature stage accepts is kept.
    """

    application_id: ApplicationId
    submitted_at: Annotated[GivenMoment | Unfit, FIRST_FITTING] = None
    channel: Annotated[Channel | Unfit, FIRST_FITTING] = None
    application: Annotated[_Loan | Unfit, FIRST_FITTING] = None


def application_row(record: Record) -> Application | None:
    """Return the row, or None where no application can be identified or it is larger than any is read.

    The feature stage is the one judge of applications and makes the dead letters of those it refuses.
    """
    event = identify(record.value)
    if event is None or record.value is None:
        return None
    received_at = record_time(record)
    return Application(
        application_id=event.application_id,
        channel=event.channel,
        contract_type=event.application.NAME_CONTRACT_TYPE if event.application else None,
        submitted_at=event.submitted_at or received_at,
        received_at=received_at,
        raw=record.value,
        event_id=event_id(record),
        request_id=attribute(record.headers, "ce_requestid"),
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
    )


def identify(value: bytes | None) -> _Identified | None:
    """Return what identifies the application in a record's value, or None."""
    if not value or len(value) > LARGEST_EVENT:
        return None
    try:
        return _Identified.model_validate_json(value)
    except ValidationError:
        return None


def same_application(first: bytes, second: bytes) -> bool:
    """Tell whether two raw values hold equal applications, whatever the order of their fields."""
    one, other = (from_json(raw).get("application") for raw in (first, second))
    return bool(one == other)
