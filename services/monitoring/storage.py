"""PostgreSQL's errors in the service's words: away is worth another try, no tables is fatal."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.errors import FatalError, UnavailableError

WITHIN_SECONDS: Final = 10.0
"""A transaction that takes longer is given up."""
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # a standby that is being promoted
)
NOT_MIGRATED: Final = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise UnavailableError where PostgreSQL is away or too slow, FatalError where it has no tables."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, NOT_MIGRATED):
            raise FatalError(
                f"PostgreSQL has no tables for monitoring ({error.orig.sqlstate}): "
                "run `alembic -c infra/postgres/alembic.ini upgrade head` and start again"
            ) from error
        if isinstance(error.orig, AWAY):
            raise UnavailableError(f"PostgreSQL: {error.orig!r}") from error
        raise
    except (PoolTimeoutError, OSError) as error:
        # OSError has asyncio's TimeoutError in it.
        raise UnavailableError(f"PostgreSQL has not answered in time: {error!r}") from error


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
