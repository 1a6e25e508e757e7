"""The reference rows of a bundle, read where they lie: of its header only what the file itself bears out."""

import re
from typing import Final

import numpy as np

from services.scorecard.catalogue import Matrix
from services.scorecard.profile import REFERENCE_ROWS

_MAGIC: Final = b"\x93NUMPY\x01\x00"
_SIZE: Final = 2
"""Bytes that tell the header's own length."""
_HEADER: Final = re.compile(
    rb"\{'descr': '<f4', 'fortran_order': False, 'shape': \(([0-9]{1,18}), ([0-9]{1,18})\), \} *\n"
)
"""As numpy has always written it. Its own reader evaluates the header, and makes room for what it says."""
_ITEM: Final = 4


def matrix_of(reference: bytes, columns: int) -> Matrix:
    """Return the rows that `profile.reference_rows` made, shape (rows, columns), without a copy.

    Raises ValueError for anything else: another type, order or number of columns, more than REFERENCE_ROWS
    rows, or numbers that are more or fewer than the header says.
    """
    begin = len(_MAGIC) + _SIZE
    end = begin + int.from_bytes(reference[len(_MAGIC) : begin], "little")
    whole = reference.startswith(_MAGIC) and end <= len(reference)
    header = _HEADER.fullmatch(reference, begin, end) if whole else None
    if header is None:
        raise ValueError("is no table of float32 numbers as numpy saves them")
    rows, found = map(int, header.groups())
    if found != columns:
        raise ValueError(f"has {found} columns, and {columns} features are monitored")
    if rows > REFERENCE_ROWS:
        raise ValueError(f"has {rows} rows, at most {REFERENCE_ROWS} are read")
    if len(reference) - end != rows * columns * _ITEM:
        raise ValueError(f"has {len(reference) - end} bytes of numbers, its rows {rows * columns * _ITEM}")
    return np.frombuffer(reference, dtype="<f4", count=rows * columns, offset=end).reshape(rows, columns)
