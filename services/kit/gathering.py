"""When a reader under load takes its next turn, so that records gather for it."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from services.kit.settings import StreamSettings

BACKLOG: Final = 0.5
"""Of a turn: so much that waits is taken at once."""


class Gathering:
    """Remembers the last turn. One record after the other is no load, and a backlog is not waited for."""

    def __init__(self, settings: StreamSettings, *, clock: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._due: float | None = None

    @property
    def under_load(self) -> bool:
        """Whether the last turn was one of several."""
        return self._due is not None

    def early(self) -> float:
        """Return for how many seconds records may still gather; 0 or less where the next turn is due."""
        return 0.0 if self._due is None else self._due - self._clock()

    def took(self, records: int, *, waiting: int) -> None:
        """Note a turn, and how many records beyond it are there already."""
        gather, few = self._settings.gather, self._settings.batch_records * BACKLOG
        gathers = gather and records >= self._settings.gather_from and waiting < few
        self._due = self._clock() + gather.total_seconds() if gathers else None
