"""Parts of the applications with windows of their own: by channel, and by contract type."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.monitoring.summary import ALL

OTHER: Final = "other"
"""What is none of those told of: windows are for a few parts, however many words come in."""
_CONTRACT: Final = "contract:"
"""Tells a contract type from a channel of the same name."""


@dataclass(frozen=True)
class Segments:
    """The channels and contract types with windows of their own; all others of a kind are one segment."""

    channels: Sequence[str]
    contract_types: Sequence[str]

    def of(self, channel: str | None, contract_type: str | None) -> tuple[str, ...]:
        """Return the segments that an application counts in; what it does not tell is none."""
        found = [ALL]
        if channel is not None:
            found.append(channel if channel in self.channels else OTHER)
        if contract_type is not None:
            found.append(_CONTRACT + (contract_type if contract_type in self.contract_types else OTHER))
        return tuple(found)
