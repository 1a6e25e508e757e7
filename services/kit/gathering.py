"""When a reader takes its next turn, so that records gather for it."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from services.kit.stream_settings import StreamSettings

BACKLOG: Final = 0.5
"""Of a turn: so much that waits is taken at once."""
FEW: Final = range(2, 13)
"""Records in a turn that would soon make a transaction each: they come by themselves, not together."""
REST_WITHIN: Final = 0.01
"""Seconds in which Kafka answers with what has gathered there."""
REST_SHARE: Final = 0.2
"""Of a pause, which may be in vain: nothing may have gathered in Kafka."""


class Gathering:
    """Remembers the last turn. One record after the other is no load, and a backlog is not waited for."""

    def __init__(self, settings: StreamSettings, *, clock: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._pause = 0.0
        self._due = 0.0

    @property
    def rest_within(self) -> float:
        """For how many seconds Kafka may be asked for the rest of what has gathered; 0 where nothing has."""
        return min(REST_WITHIN, self._pause * REST_SHARE)

    def early(self) -> float:
        """Return for how many seconds records may still gather; 0 or less where the next turn is due."""
        return self._due - self._clock()

    def took(self, records: int, *, waiting: int) -> None:
        """Note a turn, and how many records beyond it are there already."""
        backlog = waiting >= self._settings.batch_records * BACKLOG
        self._pause = 0.0 if backlog else self._pause_after(records)
        self._due = self._clock() + self._pause

    def _pause_after(self, records: int) -> float:
        settings = self._settings
        if records >= settings.gather_from:
            return settings.gather.total_seconds()
        # Without transactions small turns cost little more than large ones.
        if records in FEW and settings.delivery == "exactly-once":
            return settings.gather_few.total_seconds()
        return 0.0
