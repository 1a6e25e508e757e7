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
    OSError,
)
NOT_MIGRATED: Final = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)


class NoTablesError(FatalError):
    """PostgreSQL has no tables for a service, or those of another release; the message has the cure."""


def in_our_words(error: BaseException | None, whose: str) -> UnavailableError | NoTablesError | None:
    """Return what an error means: away is worth another try, no tables is fatal. None for a fault of ours.

    `whose` tables are missing stands in the sentence.
    """
    if isinstance(error, NOT_MIGRATED):
        return NoTablesError(
            f"PostgreSQL has no tables for {whose} ({error.sqlstate}): "
            "run `alembic -c infra/postgres/alembic.ini upgrade head`"
        )
    return UnavailableError(f"PostgreSQL: {error!r}") if isinstance(error, AWAY) else None


@contextmanager
def postgres_errors(whose: str) -> Iterator[None]:
    """Raise UnavailableError and NoTablesError as `in_our_words` has them; a fault is raised as it is."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        meant = in_our_words(error, whose)
        if meant is None:
            raise
        raise meant from error
