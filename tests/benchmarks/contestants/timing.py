"""Times a prediction at several batch sizes, in the contestant's own process and environment."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

BATCHES = (1, 50, 500)
Matrix = NDArray[np.float32]


def tell(predict: Callable[[Matrix], object], matrix: Matrix, rows: int) -> None:
    """Print as JSON what `rows` rows took at each batch size, a tenth of them first to warm up."""
    seconds = {batch: _seconds(predict, parts(matrix, batch), rows) for batch in BATCHES}
    print(
        json.dumps(
            {
                "us": {batch: 1e6 * taken / rows for batch, taken in seconds.items()},
                "processor": process_time(),
                "memory": _peak(),
            }
        )
    )


def parts(matrix: Matrix, batch: int) -> list[Matrix]:
    """Cut a matrix into batches; a matrix too short for one is repeated."""
    repeated = np.tile(matrix, (-(-batch // len(matrix)), 1))
    return [repeated[start : start + batch] for start in range(0, len(repeated) - batch + 1, batch)]


def _peak() -> float:
    """Return the megabytes that the process held at most; `getrusage` would tell its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


def _seconds(predict: Callable[[Matrix], object], batches: Sequence[Matrix], rows: int) -> float:
    turns = max(1, rows // len(batches[0]))
    for turn in range(1 + turns // 10):
        predict(batches[turn % len(batches)])
    begun = perf_counter()
    for turn in range(turns):
        predict(batches[turn % len(batches)])
    return (perf_counter() - begun) * rows / (turns * len(batches[0]))
