"""What flows through a stage: records in, one result for each, messages and dead letters out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar

T_co = TypeVar("T_co", covariant=True)
Headers = tuple[tuple[str, bytes | None], ...]
"""Names and texts in UTF-8; a foreign producer may leave a text out."""
UNREADABLE = "octroi_unreadable"
"""Header of a record that stands for what could not be read, and says why."""
LAST_MILLISECOND = 253_370_764_799_000
"""The last second of the year 9998, in milliseconds since 1970: no zone moves it off the calendar."""


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int


class Record(NamedTuple):
    """A record as it was read. `timestamp` is milliseconds since 1970, set when the first event was sent."""

    partition: Partition
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    def position(self) -> str:
        """Return topic:partition:offset, which is unique and the same whenever the record is read again."""
        return f"{self.partition.topic}:{self.partition.number}:{self.offset}"

    def time(self) -> datetime:
        """Return the timestamp in UTC, moved into 1970 to 9998: producers set it, to whatever they like."""
        return datetime.fromtimestamp(min(max(self.timestamp, 0), LAST_MILLISECOND) / 1000, UTC)


class Message(NamedTuple):
    """A record to be sent. Stages send it to the partition number and with the timestamp of its origin."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Emit(Generic[T_co]):
    """The record was handled and gave these: messages, or rows of a sink. None is a result too."""

    items: tuple[T_co, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """The record can never be handled: it becomes a dead letter with this sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The record cannot be handled yet: its partition waits, and readiness says this sentence."""

    reason: str


Handler = Callable[[Sequence[Record]], Sequence[Emit[T_co] | Reject | Hold]]
"""Pure: one result per record, in order. It may be called again with the same records, and from a thread."""


@dataclass(frozen=True, slots=True)
class Output(Generic[T_co]):
    """What a stage made of a partition's batch, delivered as one; each part with its origin."""

    items: tuple[tuple[Record, T_co], ...]
    dead: tuple[tuple[Record, Message], ...]
    records: int
    """How many records it was made of."""
    next_offset: int
    """The offset to commit: where the next batch begins."""
