"""What SQLAlchemy raises, in the loop's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.kit.errors import UnavailableError
from services.kit.postgres_errors import in_our_words


@contextmanager
def database_errors(whose: str) -> Iterator[None]:
    """Raise UnavailableError where PostgreSQL is away or too slow, NoTablesError where it has no tables.

    `whose` tables are missing stands in the sentence. A statement at fault raises DBAPIError, as it is.
    """
    try:
        yield
    except DBAPIError as error:
        meant = in_our_words(error.orig, whose)
        if meant is None:
            raise
        raise meant from error
    except (PoolTimeoutError, OSError) as error:
        # OSError has asyncio's TimeoutError in it.
        raise UnavailableError(f"PostgreSQL has not answered in time: {error!r}") from error
