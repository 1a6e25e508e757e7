"""What can be counted in PostgreSQL: narrower than the contract, and no record may end the process."""

from datetime import datetime
from typing import Final

from services.contracts.codec import ContractError
from services.contracts.events import ApplicationDecided, FeaturesComputed
from services.kit.records import Record

LONGEST_VERSION: Final = 64
"""Characters of a version, as of other identifiers. A block's name has two, and PostgreSQL keeps a name of at
most 2,704 bytes; the registry counts versions from 1, and a catalogue's is a short hash."""
FIRST_YEAR, LAST_YEAR = 1970, 2128
"""A block's number begins with its ten minutes since 1970, in 23 bits: they end in June 2129."""


def counted_at(record: Record, handled: datetime) -> datetime:
    """Return the moment that a record is counted at; `handled` is when its stage made it."""
    # Producers set it to whatever they like: what came from the future would be the newest for ever.
    return min(record.time(), handled)


def require_decision(record: Record, event: ApplicationDecided) -> None:
    """Raise ContractError, naming the field, where a decision cannot be counted."""
    _require_version("model.version", event.model.version)
    if event.shadow is not None:
        _require_version("shadow.model.version", event.shadow.model.version)
    _require_moment("decided_at", counted_at(record, event.decided_at))


def require_features(record: Record, event: FeaturesComputed) -> None:
    """Raise ContractError, naming the field, where a vector cannot be counted."""
    # Its partition would wait for ever for a catalogue of such a name.
    _require_version("catalogue_version", event.catalogue_version)
    _require_moment("computed_at", counted_at(record, event.computed_at))


def _require_version(field: str, version: str) -> None:
    if not 0 < len(version) <= LONGEST_VERSION or not version.isprintable():
        raise ContractError(f"{field}: must have 1 to {LONGEST_VERSION} printable characters")


def _require_moment(field: str, moment: datetime) -> None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ContractError(f"{field}: must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
