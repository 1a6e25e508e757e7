"""Connections on their way out: they are waited for, but not for ever."""

import asyncio
from collections.abc import Awaitable
from typing import Final

CLOSE_SECONDS: Final = 3.0
"""Patience with connections that are closed: a new one need not wait for them."""


async def closed(*closing: Awaitable[object]) -> None:
    """Wait for connections to close, whatever they raise, the client's own cancelled tasks too.

    What waits for a broker that is away goes on by itself and ends when the broker is back, or when its
    client gives up.
    """
    leaving = asyncio.gather(*closing, return_exceptions=True)
    await asyncio.wait((leaving,), timeout=CLOSE_SECONDS)
