"""Pauses between two tries, and waiting for what comes first."""

import asyncio
from contextlib import suppress
from datetime import timedelta


async def pause(span: timedelta, stop: asyncio.Event) -> None:
    """Return after `span`, or as soon as `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), span.total_seconds())


async def first_of(*events: asyncio.Event, within: timedelta | None = None) -> None:
    """Return as soon as one of the events is set, or after `within`."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    seconds = None if within is None else within.total_seconds()
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
