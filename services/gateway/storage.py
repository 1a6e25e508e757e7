"""PostgreSQL's errors in the gateway's words: without tables it takes applications, and waits for them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog

from services.kit.errors import UnavailableError
from services.kit.logs import where
from services.kit.postgres_errors import NoTablesError, postgres_errors

log = structlog.stdlib.get_logger("storage")


class StatementError(Exception):
    """A statement is at fault, and would be so again; the message is the driver's name for it."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise UnavailableError where PostgreSQL is away, too slow, or has no tables.

    A statement at fault is logged by where it was executed, and raises StatementError.
    """
    try:
        with postgres_errors("the gateway"):
            yield
    except NoTablesError as error:
        # It does not end the process: Kafka takes applications without any table, and a new release may be
        # there before its migrations are.
        raise UnavailableError(str(error)) from error
    except psycopg.Error as error:
        # The driver's message may quote personal data.
        fault = type(error).__name__
        log.error("statement_failed", error=fault, where=where(error, "services/gateway"))  # noqa: TRY400
        raise StatementError(fault) from error
