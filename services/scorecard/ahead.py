"""Working ahead: on all processors, in order, and never far."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os import cpu_count
from typing import Final, TypeVar

MOST_WORKERS: Final = 8
"""A container may have fewer processors than it sees, and less memory than all of them would fill."""
Item = TypeVar("Item")
Made = TypeVar("Made")


def made_ahead(make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Yield what `make` makes of each item, in their order, while threads make the next ones.

    One item for each processor, at most MOST_WORKERS, is ahead, so that what waits takes little memory.
    Threads help where the work is Arrow's or numpy's. What `make` raises comes in its turn, behind what was
    made before it.
    """
    workers = min(cpu_count() or 1, MOST_WORKERS)
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[Made]] = deque()
        for item in items:
            ahead.append(pool.submit(make, item))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
