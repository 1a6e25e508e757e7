"""What PostgreSQL's driver raises, in the loop's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from services.kit.errors import FatalError, UnavailableError

AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # a standby that is being promoted
    psycopg.errors.IdleInTransactionSessionTimeout,  # this process was suspended
    OSError,
)
NOT_MIGRATED: Final = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)


class NoTablesError(FatalError):
    """PostgreSQL has no tables for a service, or those of another release; the message has the cure."""


@contextmanager
def postgres_errors(whose: str) -> Iterator[None]:
    """Raise UnavailableError where PostgreSQL is away or too slow, NoTablesError where it has no tables.

    `whose` tables are missing stands in the sentence. A statement at fault raises psycopg's error, as it is.
    """
    try:
        yield
    except NOT_MIGRATED as error:
        raise NoTablesError(
            f"PostgreSQL has no tables for {whose} ({error.sqlstate}): "
            "run `alembic -c infra/postgres/alembic.ini upgrade head`"
        ) from error
    except TimeoutError as error:
        raise UnavailableError("PostgreSQL has not answered in time") from error
    except AWAY as error:
        raise UnavailableError(f"PostgreSQL: {error!r}") from error
