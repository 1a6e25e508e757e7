"""Feature vectors in events: little-endian float32 in base64, a seventh of the JSON object's size."""

from base64 import b64decode, b64encode
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def pack(matrix: NDArray[np.float32]) -> list[str]:
    """Return one text per row of a (rows, features) matrix."""
    return [b64encode(row).decode() for row in np.ascontiguousarray(matrix, dtype="<f4")]


def unpack(vectors: Iterable[str], features: int) -> NDArray[np.float32]:
    """Return the (rows, features) matrix of packed rows.

    Raises ValueError when a text is not base64 or the rows are not `features` long.
    """
    try:
        rows = [b64decode(vector, validate=True) for vector in vectors]
    except ValueError as error:
        raise ValueError(f"vector: is not base64: {error}") from None
    if any(len(row) != 4 * features for row in rows):
        raise ValueError(f"vector: must hold {features} float32 numbers")
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), features)
