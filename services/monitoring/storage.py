"""PostgreSQL's errors in the service's words: away is worth another try, no tables is fatal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.database_errors import database_errors

WITHIN_SECONDS: Final = 10.0
"""A transaction that takes longer is given up."""


def storage_errors() -> AbstractContextManager[None]:
    """Raise UnavailableError where PostgreSQL is away or too slow, FatalError where it has no tables."""
    return database_errors("monitoring")


@asynccontextmanager
async def transaction(
    database: AsyncEngine, *, within: float = WITHIN_SECONDS
) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that is committed at the end, or rolled back after `within` seconds.

    Raises UnavailableError and FatalError as `storage_errors` does.
    """
    with storage_errors():
        async with asyncio.timeout(within), database.begin() as connection:
            yield connection
