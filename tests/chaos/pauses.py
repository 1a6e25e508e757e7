"""How long no decision came."""

import threading
from collections.abc import Callable
from time import monotonic


class Pauses:
    """Keeps the longest time between two decisions in a row, for whoever sees them and whoever asks."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = clock()
        self._longest = 0.0

    def note(self) -> None:
        """Note that a decision was seen now."""
        with self._lock:
            self._longest, self._last = self._until_now(), self._clock()

    def begin(self) -> None:
        """Forget the longest so far; the pause that lasts goes on."""
        with self._lock:
            self._longest = 0.0

    def longest(self) -> float:
        """Return the seconds of the longest since the beginning, the one that still lasts included."""
        with self._lock:
            return self._until_now()

    def _until_now(self) -> float:
        return max(self._longest, self._clock() - self._last)
