"""Pauses between two tries."""

import asyncio
from contextlib import suppress
from datetime import timedelta


async def pause(span: timedelta, stop: asyncio.Event) -> None:
    """Return after `span`, or as soon as `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), span.total_seconds())
