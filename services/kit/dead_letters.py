"""Where records go that can never be handled, and how many may go there."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.errors import TooManyDeadLettersError
from services.kit.records import UNREADABLE, Message, Record

ERROR_LENGTH = 1000
HEADER_BYTES = 16 * 1024
"""Of the record's own headers: what its topic has just taken must find room on the dead letters' topic."""
PREFIX = "octroi_"
ATTEMPT = "octroi_attempt"
ATTEMPT_DIGITS = 10


@dataclass(frozen=True, slots=True)
class DeadLetterOffice:
    """Turns a refused record into a message for the dead-letter topic, its key and value untouched."""

    topic: str
    stage: str
    now: Callable[[], datetime]

    def letter(self, record: Record, error: str) -> Message:
        """Return the message: the record as it was, and in headers where from, what stage, why, how often.

        Headers of more than HEADER_BYTES together are left out, which a header of ours says.
        """
        kept = tuple(header for header in record.headers if not header[0].startswith(PREFIX))
        size = sum(len(name.encode()) + len(text or b"") for name, text in kept)
        left_out = {"octroi_headers_left_out": f"{len(kept)} of {size} bytes"} if size > HEADER_BYTES else {}
        added = {
            "octroi_stage": self.stage,
            "octroi_error": (_unreadable(record) or error)[:ERROR_LENGTH],
            ATTEMPT: str(_attempts(record) + 1),
            "octroi_origin_topic": record.partition.topic,
            "octroi_origin_partition": str(record.partition.number),
            "octroi_origin_offset": str(record.offset),
            "octroi_failed_at": self.now().isoformat(timespec="milliseconds"),
            **left_out,
        }
        # The error may quote what no encoding knows, such as half a surrogate pair.
        headers = tuple((name, text.encode(errors="backslashreplace")) for name, text in added.items())
        return Message(self.topic, record.key, record.value, headers if left_out else kept + headers)


def _unreadable(record: Record) -> str | None:
    """Return why what the record stands for could not be read; its handler cannot know."""
    said = [value for name, value in record.headers if name == UNREADABLE]
    return said[0].decode(errors="replace") if said and said[0] else None


def _attempts(record: Record) -> int:
    """Return how often the record was a dead letter before; what anyone else wrote there counts nothing."""
    said = [value for name, value in record.headers if name == ATTEMPT]
    last = said[-1] if said else None
    return int(last) if last and last.isdigit() and len(last) < ATTEMPT_DIGITS else 0


class DeadLetterLimit:
    """Remembers which of the last `window` records were refused, and allows `allowed` of them."""

    def __init__(self, *, window: int, allowed: int) -> None:
        self._recent: deque[bool] = deque(maxlen=window)
        self._allowed = allowed

    def check(self, refused: Sequence[bool]) -> None:
        """Raise TooManyDeadLettersError when a batch, not delivered yet, would pass the limit on its way.

        `refused` tells it of each record, in order.
        """
        if not any(refused):
            return
        recent = self._recent.copy()
        for each in refused:
            recent.append(each)
            if each and (dead := sum(recent)) > self._allowed:
                raise TooManyDeadLettersError(
                    f"{dead} of the last {len(recent)} records were refused, {self._allowed} are allowed: "
                    "look at the dead letters' reasons, mend the release or the producer, and start again"
                )

    def count(self, refused: Sequence[bool]) -> None:
        """Add a batch that was delivered; one that is tried again must not count twice."""
        self._recent.extend(refused)
