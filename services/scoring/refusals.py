"""Versions that aliases name and that cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.events import ModelIdentity

LOOKS_UNTIL_ASKED_AGAIN: Final = 30
"""Looks at the aliases, a minute at the usual pace: so seldom that a version without files costs the registry
next to nothing, so often that one which a fault in between kept away serves soon after that is mended."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that an alias names and that cannot be used."""

    identity: ModelIdentity
    reason: str


class Refusals:
    """What is refused now, at most one version for a role."""

    def __init__(self) -> None:
        self._refused: dict[str, Refusal] = {}
        self._looks_left: dict[str, int] = {}

    def all(self) -> Sequence[Refusal]:
        """Return what is refused."""
        return tuple(self._refused.values())

    def of(self, role: str) -> Refusal | None:
        """Return what is refused in a role."""
        return self._refused.get(role)

    def add(self, refusal: Refusal, *, fetched: bool) -> bool:
        """Refuse a version; tell whether that is new. One that could not be fetched is asked for again."""
        role = refusal.identity.role
        known = self._refused.get(role)
        self.drop(role)
        self._refused[role] = refusal
        if not fetched:
            self._looks_left[role] = LOOKS_UNTIL_ASKED_AGAIN
        return refusal != known

    def drop(self, role: str) -> None:
        """Refuse nothing in a role any more."""
        self._refused.pop(role, None)
        self._looks_left.pop(role, None)

    def stands(self, role: str, version: str) -> bool:
        """Whether a version is refused and not to be asked for at this look, which is counted."""
        refusal = self._refused.get(role)
        if refusal is None or refusal.identity.version != version:
            return False
        if role not in self._looks_left:
            return True
        self._looks_left[role] -= 1
        return self._looks_left[role] > 0
