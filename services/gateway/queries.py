"""The statements over the ledger's view, and what a listing may ask for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic_core import PydanticCustomError

from services.contracts.described import Described
from services.contracts.event import ApplicationId, GivenMoment
from services.contracts.events import Channel, Outcome
from services.gateway.resources import State

Sort = Literal["submitted_at", "probability_of_default", "score"]
"""What a listing is ordered by, the highest first."""


class Position(BaseModel):
    """An application's place in the order of a listing; a page begins after one."""

    model_config = ConfigDict(frozen=True)

    worth: AwareDatetime | Annotated[float, Field(strict=True)]
    """What it is ordered by. Of moments any that a record can have: in UTC, what another producer gives as
    the last hours of 2199 may be in the year after."""
    application_id: ApplicationId


def _unpacked(cursor: object, checked: ValidatorFunctionWrapHandler) -> object:
    if not isinstance(cursor, str):
        return checked(cursor)
    # Bad base64, bad JSON and a bad position are all errors of value.
    with suppress(ValueError):
        match orjson.loads(urlsafe_b64decode(cursor)):
            case [worth, application_id]:
                return checked({"worth": worth, "application_id": application_id})
    raise PydanticCustomError("cursor", "must be taken from the link to the next page")


def _packed(position: Position | None) -> str | None:
    if position is None:
        return None
    return urlsafe_b64encode(orjson.dumps([position.worth, position.application_id])).decode()


class Listing(Described):
    """What a list of applications is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: State | None = None
    """Only applications in this state."""
    outcome: Outcome | None = None
    """Only decisions of this outcome."""
    channel: Channel | None = None
    """Only applications of this channel."""
    submitted_from: GivenMoment | None = None
    """Only applications submitted at this time or later."""
    submitted_to: GivenMoment | None = None
    """Only applications submitted before this time."""
    sort: Sort = "submitted_at"
    """Order, the highest first: the newest, those most likely not to repay, or the best scores. All but the
    first list only decided applications."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Applications on a page."""
    cursor: Annotated[
        Position | None,
        WrapValidator(_unpacked, json_schema_input_type=str),
        PlainSerializer(_packed, return_type=str | None),
    ] = None
    """Where the page begins; taken from the link to the next page."""

    @field_validator("cursor")
    @classmethod
    def _is_of_this_order(cls, cursor: Position | None, told: ValidationInfo) -> Position | None:
        by_time = told.data.get("sort") == "submitted_at"
        if cursor is not None and isinstance(cursor.worth, datetime) != by_time:
            raise PydanticCustomError("cursor", "must be taken from the link to the next page of this order")
        return cursor


BY_IDS: Final = """
SELECT
    application_id, state, channel, submitted_at, raw,
    outcome, probability_of_default, score, threshold, reasons, policy_rule, policy_version,
    model_name, model_version, model_role, catalogue_version, computed_at, decided_at,
    decided_application_event_id, decided_application_topic,
    decided_application_partition, decided_application_offset,
    features_event_id, features_topic, features_partition, features_offset,
    error, dead_stage
FROM application_states
WHERE application_id = ANY(%(ids)s)
"""
"""Some applications with what became of them, by primary key."""

SUMMARY: Final = """
SELECT application_id, state, channel, submitted_at, outcome, probability_of_default, score, decided_at
FROM application_states
"""
CONDITIONS: Final = {
    "state": "state = %(state)s",
    "outcome": "outcome = %(outcome)s",
    "channel": "channel = %(channel)s",
    "submitted_from": "submitted_at >= %(submitted_from)s",
    "submitted_to": "submitted_at < %(submitted_to)s",
}
"""Condition by the field of the listing that asks for it."""


def page(listing: Listing) -> tuple[str, Mapping[str, Any]]:
    """Return the statement for a page and one row more, with its parameters."""
    asked = {name: value for name in CONDITIONS if (value := getattr(listing, name)) is not None}
    conditions = [CONDITIONS[name] for name in asked]
    parameters: dict[str, datetime | str | float] = {**asked, "limit": listing.limit + 1}
    if listing.sort != "submitted_at":
        conditions.append(f"{listing.sort} IS NOT NULL")
    if listing.cursor:
        conditions.append(f"({listing.sort}, application_id) < (%(worth)s, %(after)s)")
        parameters |= {"worth": listing.cursor.worth, "after": listing.cursor.application_id}
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = f"ORDER BY {listing.sort} DESC, application_id DESC LIMIT %(limit)s"
    return f"{SUMMARY} {where} {order}", parameters
