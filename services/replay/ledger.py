"""Asks the ledger about replays: whether it has every decision of one, and which was the last of a file."""

import asyncio
from time import monotonic

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

DECIDED = text(
    "SELECT count(*) FROM application_states "
    "WHERE application_id >= :first AND application_id < :after AND state = 'decided'"
)
_LAST = text(
    "SELECT max(application_id) FROM application_states WHERE application_id >= 'replay-' "
    "AND application_id < 'replay.' AND right(application_id, length(:suffix)) = :suffix"
)
_OF_RUN = text(
    "SELECT application_id FROM application_states "
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
        return int(await connection.scalar(DECIDED, _bounds(run)) or 0)


async def last_replay(database: AsyncEngine, identifier: int) -> list[str]:
    """Return the decided applications of the last replay whose first row was loan `identifier`, if any.

    Raises SQLAlchemyError where the ledger is away.
    """
    async with database.connect() as connection:
        first = await connection.scalar(_LAST, {"suffix": f".0.{identifier}"})
        if first is None:
            return []
        run, _, _ = str(first).partition(".")
        return list((await connection.execute(_OF_RUN, _bounds(run))).scalars())


def _bounds(run: str) -> dict[str, str]:
    # Ids of a run begin with its name and a dot; a slash is the character after the dot.
    return {"first": f"{run}.", "after": f"{run}/"}
