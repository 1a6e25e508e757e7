"""What was acknowledged, and when."""

import threading
from collections.abc import Callable, Sequence
from itertools import takewhile
from time import monotonic
from typing import Literal, NamedTuple, get_args

Way = Literal["topic", "REST"]
WAYS: tuple[Way, ...] = get_args(Way)


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
        self._noted: dict[Way, list[_Acknowledged]] = {way: [] for way in WAYS}

    def note(self, way: Way, name: str, handed_in: float) -> None:
        """Note an application that is acknowledged now."""
        with self._lock:
            self._noted[way].append(_Acknowledged(name, handed_in, self._clock()))

    def since(self, moment: float, ways: Sequence[Way] = WAYS) -> set[str]:
        """Return the names of those that were handed in at or after that moment."""
        with self._lock:
            return {
                each.name
                for way in ways
                for each in takewhile(lambda each: each.at >= moment, reversed(self._noted[way]))
                if each.handed_in >= moment
            }
