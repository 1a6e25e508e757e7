"""The same applications as each contestant wants them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.scorecard.catalogue import Matrix
from services.scorecard.table import Cells


def frame(rows: Sequence[Cells]) -> bytes:
    """Return applications for MLflow's server."""
    return bare({"dataframe_records": rows})


def bare(content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    """Return JSON without blanks and lines."""
    return json.dumps(content, separators=(",", ":")).encode()


def numbers(matrix: Matrix) -> bytes:
    """Return features as an array of arrays."""
    return bare(_cells(matrix))


def tensor(matrix: Matrix) -> bytes:
    """Return features by the open inference protocol, version 2."""
    flat = [cell for row in _cells(matrix) for cell in row]
    told = {"name": "features", "shape": matrix.shape, "datatype": "FP32", "data": flat}
    kind = {"content_type": "np"}
    return bare({"parameters": kind, "inputs": [{**told, "parameters": kind}]})


def _cells(matrix: Matrix) -> list[list[float | None]]:
    """Return rows in which None stands for missing: JSON has no NaN."""
    return [[None if np.isnan(cell) else cell for cell in row] for row in matrix.tolist()]
