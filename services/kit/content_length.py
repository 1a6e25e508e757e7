"""How many bytes a request's body is announced to have."""

from typing import Final

from starlette.datastructures import Headers

DIGITS: Final = 18
"""So many tell any length that there can be; Python reads no number of thousands of digits."""


def announced_length(headers: Headers) -> int:
    """Return the bytes that a body is to have, 0 where nothing is told; of more digits only the first."""
    told = headers.get("content-length", "")
    return int(told.lstrip("0")[:DIGITS] or 0) if told.isdecimal() else 0
