"""The common form of all events: frozen values with a literal name and a version."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ApplicationId = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")
]
"""Who asks: chosen by the front office, unique for ever. Letters, digits and . _ : - up to 64."""

Moment = AwareDatetime
"""A time with its zone, RFC 3339."""


class Value(BaseModel):
    """A frozen part of an event. Fields that a later version adds are passed over."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, ser_json_inf_nan="constants"
    )


class Event(Value):
    """Something that happened. Subclasses name themselves by the literals `event` and `version`."""

    event: str
    """What happened, in the past tense."""
    version: int
    """Version of the contract; a change that old readers cannot pass over makes a new one."""

    NAMESPACE: ClassVar[str] = "io.octroi"

    @classmethod
    def event_type(cls) -> str:
        """Return the CloudEvents `type`: namespace, name, version."""
        fields = cls.model_fields
        return f"{cls.NAMESPACE}.{fields['event'].default}.v{fields['version'].default}"

    def subject(self) -> str:
        """Return the key of the record: what the event is about."""
        raise NotImplementedError


class RecordPosition(Value):
    """Where an event stands in Kafka: the thread that lineage follows."""

    event_id: str
    """CloudEvents id of the event; topic:partition:offset where the producer gave none."""
    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
