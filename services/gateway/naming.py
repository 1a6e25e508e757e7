"""Ids of applications that come without one."""

from datetime import datetime
from secrets import randbits
from typing import Final
from uuid import UUID, uuid5

IDS: Final = UUID("6f0f9a0e-55a3-5f2a-9a64-0d5f3c2a7b10")
"""Namespace of the application ids that are made from idempotency keys."""


def new_application_id(now: datetime) -> str:
    """Return an id that no other application has and that stands behind those of earlier milliseconds.

    So the newest stand together in the ledger's indexes. Random ids fall anywhere in them, and cost
    PostgreSQL the more the more there are. Source: RFC 9562, section 5.7 (UUID version 7).
    """
    milliseconds = int(now.timestamp() * 1000)
    begins = milliseconds << 16 | 0x7 << 12 | randbits(12)
    return str(UUID(int=begins << 64 | 0b10 << 62 | randbits(62)))


def name_application(given: str | None, request_key: str | None) -> str | None:
    """Return the id that was given, else one made of who calls and the idempotency key, else None."""
    if given is not None or request_key is None:
        return given
    return str(uuid5(IDS, request_key))
