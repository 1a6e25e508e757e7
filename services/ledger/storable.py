"""What PostgreSQL and its readers can hold: narrower than JSON, and no record may break a whole batch."""

import re
from datetime import datetime

from services.contracts.codec import ContractError, attribute
from services.kit.records import Record

FIRST_YEAR, LAST_YEAR = 1900, 9998
"""PostgreSQL keeps times that Python cannot read back: one such row would break every page it is on."""
LARGEST_INTEGER = 2**31 - 1
LARGEST_BIGINT = 2**63 - 1


def event_id(record: Record) -> str:
    """Return the event's CloudEvents id; topic:partition:offset where the producer gave none."""
    return attribute(record.headers, "ce_id") or record.position()


def is_storable(moment: datetime) -> bool:
    """Tell whether a time can be kept and read back."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def require_storable(**moments: datetime) -> None:
    """Raise ContractError, naming the first field whose time cannot be kept."""
    for field, moment in moments.items():
        if not is_storable(moment):
            raise ContractError(f"{field}: must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


def whole_number(text: str | None, most: int) -> int | None:
    """Return a whole number from 0 to `most`, or None where the text is not one."""
    if text is None or not re.fullmatch("[0-9]{1,19}", text) or int(text) > most:
        return None
    return int(text)
