"""The gateway's OpenAPI document, asked for now and then, and remembered while the gateway is away."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

from services.ui.limits import Limit, example_of, limits_of
from services.ui.rest import AwayError

FRESH_FOR: Final = 300.0
"""Seconds."""


class KnownDocument:
    """Limits and example of the last document that was seen."""

    def __init__(
        self,
        ask: Callable[[], Mapping[str, Any]],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Take the way to the document, and the clock that tells its age in seconds."""
        self._ask = ask
        self._now = now
        self._known: tuple[float, dict[str, Limit], dict[str, Any]] | None = None

    def limits(self) -> dict[str, Limit]:
        """Return what each cell may hold. Raises AwayError where no document was ever seen."""
        return self._fresh()[1]

    def example(self) -> dict[str, Any]:
        """Return the cells of the example. Raises AwayError where no document was ever seen."""
        return self._fresh()[2]

    def _fresh(self) -> tuple[float, dict[str, Limit], dict[str, Any]]:
        known = self._known
        if known is not None and self._now() - known[0] < FRESH_FOR:
            return known
        try:
            document = self._ask()
        except AwayError:
            if known is None:
                raise
            return known
        self._known = (self._now(), limits_of(document), example_of(document))
        return self._known
