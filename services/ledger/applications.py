"""Applications as they were received, each under the id it came with."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError

from services.contracts.cells import Category
from services.contracts.codec import LARGEST_EVENT, attribute
from services.contracts.event import ApplicationId, GivenMoment, Value
from services.contracts.events import Channel
from services.contracts.wire import UNREADABLE, reader
from services.kit.records import Record
from services.ledger.storable import event_id

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
    """The record's value as received, packed."""
    event_id: str
    request_id: str | None
    topic: str
    partition: int
    offset: int


class _FittingLoan(Value):
    NAME_CONTRACT_TYPE: Category | None = None


class _Fitting(Value):
    """What is kept apart of an application without a fault, which nearly all are: read by the fast way."""

    application_id: ApplicationId
    submitted_at: GivenMoment | None = None
    channel: Channel | None = None
    application: _FittingLoan


class _Loan(Value):
    NAME_CONTRACT_TYPE: Annotated[Category | Unfit, FIRST_FITTING] = None


class _Identified(Value):
    """The same of any other: an id is all that an application must have to be kept.

    Both are read with the types of the full contract and by its two parsers, so whatever the feature stage
    accepts is kept.
    """

    application_id: ApplicationId
    submitted_at: Annotated[GivenMoment | Unfit, FIRST_FITTING] = None
    channel: Annotated[Channel | Unfit, FIRST_FITTING] = None
    application: Annotated[_Loan | Unfit, FIRST_FITTING] = None


def application_row(record: Record, packed: bytes) -> Application | None:
    """Return the row, which keeps `packed`, or None: none is identified, or it is larger than any is read.

    The feature stage is the one judge of applications and makes the dead letters of those it refuses.
    """
    event = identify(record.value)
    if event is None:
        return None
    received_at = record.time()
    return Application(
        application_id=event.application_id,
        channel=event.channel,
        contract_type=event.application.NAME_CONTRACT_TYPE if event.application else None,
        submitted_at=event.submitted_at or received_at,
        received_at=received_at,
        raw=packed,
        event_id=event_id(record),
        request_id=attribute(record.headers, "ce_requestid"),
        topic=record.partition.topic,
        partition=record.partition.number,
        offset=record.offset,
    )


def identify(value: bytes | None) -> _Fitting | _Identified | None:
    """Return what identifies the application in a record's value, or None."""
    if not value or len(value) > LARGEST_EVENT:
        return None
    with suppress(*UNREADABLE):
        return reader(_Fitting, skipping=True)(value)
    try:
        return _Identified.model_validate_json(value)
    except ValidationError:
        return None
