"""Asks the ledger whether it has every decision of a replay."""

import asyncio
from time import monotonic

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

DECIDED = text(
    "SELECT count(*) FROM application_states "
    "WHERE application_id >= :first AND application_id < :after AND state = 'decided'"
)

LOOK_EVERY = 0.1
"""Seconds between two looks at the ledger."""


async def recorded(database: AsyncEngine, run: str, expected: int, patience: float) -> int:
    """Return how many applications of `run` the ledger has decisions of; fewer than `expected` is waited for.

    The wait is `patience` seconds at most. Raises SQLAlchemyError where the ledger is away for as long.
    """
    deadline = monotonic() + patience
    while True:
        last = monotonic() > deadline
        try:
            count = await _count(database, run)
            if count >= expected or last:
                return count
        except DBAPIError:
            if last:
                raise
        await asyncio.sleep(LOOK_EVERY)


async def _count(database: AsyncEngine, run: str) -> int:
    async with database.connect() as connection:
        # Ids of a run begin with its name and a dot; a slash is the character after the dot.
        return int(await connection.scalar(DECIDED, {"first": f"{run}.", "after": f"{run}/"}) or 0)
