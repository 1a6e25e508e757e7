"""PostgreSQL's errors in the service's words: away is worth another try, no tables is fatal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Final

from services.kit.database import Connection, Database
from services.kit.postgres_errors import postgres_errors

WITHIN_SECONDS: Final = 10.0
"""A transaction that takes longer is given up."""


def storage_errors() -> AbstractContextManager[None]:
    """Raise UnavailableError where PostgreSQL is away or too slow, FatalError where it has no tables."""
    return postgres_errors("monitoring")


@asynccontextmanager
async def transaction(database: Database, *, within: float = WITHIN_SECONDS) -> AsyncIterator[Connection]:
    """Open a transaction that is committed at the end, or rolled back after `within` seconds.

    Raises UnavailableError and FatalError as `storage_errors` does.
    """
    with storage_errors():
        async with asyncio.timeout(within), database.transaction() as connection:
            yield connection
