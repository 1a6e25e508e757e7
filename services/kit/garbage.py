"""Garbage that refers to itself, which Python frees only when it looks for it."""

import asyncio
import gc
from datetime import timedelta
from typing import Final

COLLECT_AFTER: Final = 400_000
"""Allocations between two looks: more than two turns of a backlog hold at a time. Frozen values hold no
cycles, and looking through them finds nothing: at 50,000 it takes a tenth of a stage's time."""
COLLECT_EVERY: Final = timedelta(minutes=1)
"""Whatever was allocated: who has little to do would not look for hours, and a client of HTTP leaves each
request behind with all that it sent, such as a report of five megabytes."""


def look_seldom() -> None:
    """Have Python look only where much was allocated, and never at what is there by now: modules."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 50, 100)


async def collect(every: timedelta) -> None:
    """Look again and again, until it is cancelled."""
    while True:
        await asyncio.sleep(every.total_seconds())
        gc.collect()
