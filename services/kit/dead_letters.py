"""Where records go that can never be handled, and how many may go there."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.kit.errors import TooManyDeadLettersError
from services.kit.records import Message, Record

ERROR_LENGTH = 1000
ATTEMPT = "octroi_attempt"


@dataclass(frozen=True, slots=True)
class DeadLetterOffice:
    """Turns a refused record into a message for the dead-letter topic, its bytes untouched."""

    topic: str
    stage: str
    now: Callable[[], datetime]

    def letter(self, record: Record, error: str) -> Message:
        """Return the message: the record as it was, and in headers where from, what stage, why, how often."""
        earlier = [value for name, value in record.headers if name == ATTEMPT]
        attempt = int(earlier[-1]) + 1 if earlier and earlier[-1].isdigit() else 1
        kept = tuple(header for header in record.headers if not header[0].startswith("octroi_"))
        added = {
            "octroi_stage": self.stage,
            "octroi_error": error[:ERROR_LENGTH],
            ATTEMPT: str(attempt),
            "octroi_origin_topic": record.partition.topic,
            "octroi_origin_partition": str(record.partition.number),
            "octroi_origin_offset": str(record.offset),
            "octroi_failed_at": self.now().isoformat(timespec="milliseconds"),
        }
        headers = tuple((name, text.encode()) for name, text in added.items())
        return Message(self.topic, record.key, record.value, kept + headers)


class DeadLetterLimit:
    """Remembers the last `window` records and allows `allowed` dead letters among them."""

    def __init__(self, *, window: int, allowed: int) -> None:
        self._recent: deque[bool] = deque(maxlen=window)
        self._allowed = allowed

    def count(self, dead: int, handled: int) -> None:
        """Add a batch. Raises TooManyDeadLettersError when it would pass the limit."""
        self._recent.extend([True] * dead + [False] * (handled - dead))
        total = sum(self._recent)
        if total > self._allowed:
            raise TooManyDeadLettersError(
                f"{total} of the last {len(self._recent)} records were refused, {self._allowed} are allowed: "
                "look at the dead letters' reasons, put the release or the producer right, and start again"
            )
