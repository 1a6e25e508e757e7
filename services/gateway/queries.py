"""The statements over the ledger's view, and what a listing may ask for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError
from sqlalchemy import TextClause, text

from services.contracts.event import ApplicationId, GivenMoment
from services.contracts.events import Channel, Outcome
from services.gateway.resources import State


class Position(BaseModel):
    """An application's place in the order of submission; a page begins after one."""

    model_config = ConfigDict(frozen=True)

    submitted_at: GivenMoment
    application_id: ApplicationId


def _unpacked(cursor: object) -> object:
    if not isinstance(cursor, str):
        return cursor
    try:
        submitted_at, application_id = orjson.loads(urlsafe_b64decode(cursor))
    except ValueError:
        raise PydanticCustomError("cursor", "must be taken from the link to the next page") from None
    return {"submitted_at": submitted_at, "application_id": application_id}


def _packed(position: Position | None) -> str | None:
    if position is None:
        return None
    pair = [position.submitted_at.isoformat(), position.application_id]
    return urlsafe_b64encode(orjson.dumps(pair)).decode()


class Listing(BaseModel):
    """What a list of applications is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

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
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Applications on a page."""
    cursor: Annotated[
        Position | None,
        BeforeValidator(_unpacked, json_schema_input_type=str),
        PlainSerializer(_packed, return_type=str | None),
    ] = None
    """Where the page begins; taken from the link to the next page."""


BY_IDS: Final = text("""
SELECT
    application_id, state, channel, submitted_at, raw,
    outcome, probability_of_default, score, threshold, reasons, policy_rule, policy_version,
    model_name, model_version, model_role, catalogue_version, computed_at, decided_at,
    decided_application_event_id, decided_application_topic,
    decided_application_partition, decided_application_offset,
    features_event_id, features_topic, features_partition, features_offset,
    error, dead_stage
FROM application_states
WHERE application_id = ANY(:ids)
""")
"""Some applications with what became of them, by primary key."""

SUMMARY: Final = """
SELECT application_id, state, channel, submitted_at, outcome, probability_of_default, score, decided_at
FROM application_states
"""
NEWEST_FIRST: Final = "ORDER BY submitted_at DESC, application_id DESC LIMIT :limit"
CONDITIONS: Final = {
    "state": "state = :state",
    "outcome": "outcome = :outcome",
    "channel": "channel = :channel",
    "submitted_from": "submitted_at >= :submitted_from",
    "submitted_to": "submitted_at < :submitted_to",
    "cursor": "(submitted_at, application_id) < (:after_submitted_at, :after_application_id)",
}
"""Condition by the field of the listing that asks for it."""


def page(listing: Listing) -> tuple[TextClause, Mapping[str, Any]]:
    """Return the statement for a page and one row more, with its parameters."""
    asked = {name: value for name in CONDITIONS if (value := getattr(listing, name)) is not None}
    position = asked.pop("cursor", None)
    conditions = [CONDITIONS[name] for name in asked]
    parameters: dict[str, datetime | str | int] = {**asked, "limit": listing.limit + 1}
    if position:
        conditions.append(CONDITIONS["cursor"])
        parameters["after_submitted_at"] = position.submitted_at
        parameters["after_application_id"] = position.application_id
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return text(f"{SUMMARY} {where} {NEWEST_FIRST}"), parameters
