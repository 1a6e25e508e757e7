"""Asks the ledger whether it has every decision of a replay."""

import asyncio
from time import monotonic

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

DECIDED = text(
    "SELECT count(*) FROM application_states "
    "WHERE application_id >= :first AND application_id < :after AND state = 'decided'"
)


async def recorded(database: AsyncEngine, run: str, expected: int, patience: float) -> int:
    """Return how many applications of `run` the ledger has decisions of; fewer than `expected` is waited for.

    The wait is `patience` seconds at most.
    """
    deadline = monotonic() + patience
    while True:
        async with database.connect() as connection:
            # Ids of a run begin with its name and a dot; a slash is the character after the dot.
            count = await connection.scalar(DECIDED, {"first": f"{run}.", "after": f"{run}/"})
        if count is not None and (count >= expected or monotonic() > deadline):
            return int(count)
        await asyncio.sleep(0.1)
