"""The common form of all events: frozen values with a literal name and a version."""

import re
from datetime import datetime
from functools import cache
from typing import Annotated, ClassVar

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from services.contracts.described import Described

ApplicationId = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")
]
"""Names an application: chosen by who hands it in, unique for ever. Letters, digits and . _ : - up to 64."""

Moment = AwareDatetime
"""A time with its zone, RFC 3339."""
YEAR = "^(19[7-9]|2[01][0-9])[0-9]-"
_has_year = re.compile(YEAR).match


def _written_out(moment: object) -> object:
    # Without this a number, even as text, would pass as seconds since 1970, and so would the ends of the
    # calendar, which fall off it in another zone.
    if isinstance(moment, datetime) or _has_year(str(moment)):
        return moment
    raise PydanticCustomError(
        "moment", "must be a date and time with zone from 1970 to 2199, such as 2026-03-31T09:30:00Z"
    )


GivenMoment = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": YEAR}),
]
"""A moment that another system gives, from 1970 to 2199."""


def printable(text: str, longest: int) -> str:
    """Return at most `longest` characters of `text`, U+FFFD for those that no table or terminal can show."""
    cut = text[:longest]
    return cut if cut.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in cut)


class Value(Described):
    """A frozen part of an event. Fields that a later version adds are passed over.

    Numbers are finite, since JSON has no word for those that are not.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        # Errors are logged, and what they would quote may be personal.
        hide_input_in_errors=True,
    )


class Event(Value):
    """Something that happened. Subclasses name themselves by the literals `event` and `version`."""

    event: str
    """What happened, in the past tense."""
    version: int
    """Version of the contract; a change that old readers cannot pass over makes a new one."""

    NAMESPACE: ClassVar[str] = "io.octroi"
    LARGEST: ClassVar[int] = 256 * 1024
    """Bytes of the value that are read. A full application takes about 4,000."""

    @classmethod
    @cache
    def event_type(cls) -> str:
        """Return the CloudEvents `type`: namespace, name, version."""
        fields = cls.model_fields
        return f"{cls.NAMESPACE}.{fields['event'].default}.v{fields['version'].default}"

    @classmethod
    @cache
    def type_header(cls) -> tuple[str, bytes]:
        """Return the header `ce_type` of this event."""
        return "ce_type", cls.event_type().encode()

    def subject(self) -> str:
        """Return the key of the record: what the event is about."""
        raise NotImplementedError


class RecordPosition(Value):
    """Where an event stands in Kafka: the thread that lineage follows."""

    event_id: str
    """CloudEvents id of the event; topic:partition:offset where the producer gave none."""
    topic: str
    """Name of the topic."""
    partition: Annotated[int, Field(ge=0)]
    """Number of the partition."""
    offset: Annotated[int, Field(ge=0)]
    """Offset in the partition."""
