"""PostgreSQL's errors in the gateway's words: without tables it takes applications, and waits for them."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import DBAPIError

from services.kit.database_errors import database_errors
from services.kit.errors import UnavailableError
from services.kit.postgres_errors import NoTablesError

log = structlog.stdlib.get_logger("storage")


class StatementError(Exception):
    """A statement is at fault, and would be so again; the message is the driver's name for it."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise UnavailableError where PostgreSQL is away, too slow, or has no tables.

    A statement at fault is logged, without what it was given, and raises StatementError.
    """
    try:
        with database_errors("the gateway"):
            yield
    except NoTablesError as error:
        # It does not end the process: Kafka takes applications without any table, and a new release may be
        # there before its migrations are.
        raise UnavailableError(str(error)) from error
    except DBAPIError as error:
        # The driver's message may quote personal data.
        fault, statement = type(error.orig).__name__, " ".join((error.statement or "").split())
        log.error("statement_failed", error=fault, statement=statement)  # noqa: TRY400
        raise StatementError(fault) from error
