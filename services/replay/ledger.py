"""Asks the ledger about replays: whether it has every decision of one, and which was the last of a file."""

import asyncio
from time import monotonic

import psycopg

from services.kit.database import Database, rows_of

DECIDED = (
    "SELECT count(*) AS decided FROM application_states "
    "WHERE application_id >= %(first)s AND application_id < %(after)s AND state = 'decided'"
)
_LAST = (
    "SELECT max(application_id) AS last FROM application_states WHERE application_id >= 'replay-' "
    "AND application_id < 'replay.' AND right(application_id, length(%(suffix)s)) = %(suffix)s"
)
_OF_RUN = (
    "SELECT application_id FROM application_states "
    "WHERE application_id >= %(first)s AND application_id < %(after)s AND state = 'decided'"
)

LOOK_EVERY = 0.1
"""Seconds between two looks at the ledger."""


async def recorded(database: Database, run: str, expected: int, patience: float) -> int:
    """Return how many applications of `run` the ledger has decisions of; fewer than `expected` is waited for.

    The wait is `patience` seconds at most. Raises psycopg's errors where the ledger is away for as long.
    """
    deadline = monotonic() + patience
    while True:
        last = monotonic() > deadline
        try:
            count = await _count(database, run)
            if count >= expected or last:
                return count
        except psycopg.Error:
            if last:
                raise
        await asyncio.sleep(LOOK_EVERY)


async def _count(database: Database, run: str) -> int:
    async with database.connection() as connection:
        [row] = await rows_of(connection, DECIDED, _bounds(run))
        return int(row["decided"])


async def last_replay(database: Database, identifier: int) -> list[str]:
    """Return the decided applications of the last replay whose first row was loan `identifier`, if any.

    Raises psycopg's errors where the ledger is away.
    """
    async with database.connection() as connection:
        [row] = await rows_of(connection, _LAST, {"suffix": f".0.{identifier}"})
        if row["last"] is None:
            return []
        run, _, _ = str(row["last"]).partition(".")
        return [row["application_id"] for row in await rows_of(connection, _OF_RUN, _bounds(run))]


def _bounds(run: str) -> dict[str, str]:
    # Ids of a run begin with its name and a dot; a slash is the character after the dot.
    return {"first": f"{run}.", "after": f"{run}/"}
