"""What was acknowledged, and when."""

import threading
from collections.abc import Callable, Iterator
from itertools import takewhile
from time import monotonic
from typing import Literal, NamedTuple

Place = int | Literal["REST"]
"""The partition that an application went to, or REST, whose answer does not tell the partition."""


class _Acknowledged(NamedTuple):
    name: str
    handed_in: float
    at: float


class Acknowledged:
    """Notes applications as they are acknowledged, and tells which were handed in since a moment.

    It is asked fifty times a second while an engine comes back, and looks at the newest only: going through
    all that a campaign acknowledged would keep a processor busy that the engine needs.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: dict[Place, list[_Acknowledged]] = {}

    def note(self, place: Place, name: str, handed_in: float) -> None:
        """Note an application that is acknowledged now."""
        with self._lock:
            self._noted.setdefault(place, []).append(_Acknowledged(name, handed_in, self._clock()))

    def since(self, moment: float) -> set[str]:
        """Return the names of those that were handed in at or after that moment."""
        with self._lock:
            return {name for place in self._noted for name in self._newest(place, moment)}

    def first_since(self, moment: float, place: Place, number: int) -> list[str]:
        """Return the names of the first that went to a place, of those handed in at or after that moment."""
        with self._lock:
            return list(self._newest(place, moment))[-number:]

    def _newest(self, place: Place, moment: float) -> Iterator[str]:
        """Yield those since a moment, the newest first."""
        newest = takewhile(lambda each: each.at >= moment, reversed(self._noted.get(place, [])))
        return (each.name for each in newest if each.handed_in >= moment)
