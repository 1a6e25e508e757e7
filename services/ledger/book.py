"""The book of record: batches of rows into PostgreSQL, each in one transaction, each row once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy.exc
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.errors import FatalError, UnavailableError
from services.ledger.applications import Application, same_application
from services.ledger.handler import Row
from services.ledger.metrics import LedgerMetrics, Written
from services.ledger.tables import BY_POSITION, columns, statement, tables

Cursor = psycopg.AsyncCursor[tuple[Any, ...]]
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # a standby that is being promoted
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    OSError,
)
NOT_MIGRATED = (
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)


class Book:
    """Writes rows, whatever was written before: a batch that is written again changes nothing."""

    def __init__(self, database: AsyncEngine, metrics: LedgerMetrics) -> None:
        self._database = database
        self._metrics = metrics
        self._tables = tables()
        self._select_known = statement("select_known_applications")
        self._insert_conflicts = statement("insert_conflicts")

    async def write(self, rows: Sequence[Row]) -> None:
        """Write a batch in one transaction.

        Raises UnavailableError where PostgreSQL is away, FatalError where its tables are not there.
        """
        if not rows:
            return
        with database_errors():
            async with self._database.begin() as connection:
                # The driver's own cursor: SQLAlchemy has no word for parameters in PostgreSQL's binary form.
                pooled = await connection.get_raw_connection()
                driver = cast("psycopg.AsyncConnection[tuple[Any, ...]]", pooled.driver_connection)
                async with driver.cursor() as cursor:
                    written = await self._write(cursor, rows)
        self._metrics.count(written)

    async def _write(self, cursor: Cursor, rows: Sequence[Row]) -> dict[str, Written]:
        written: dict[str, Written] = {}
        for table in self._tables:
            batch = sorted((row for row in rows if isinstance(row, table.row)), key=table.key)
            if not batch:
                continue
            await cursor.execute(table.insert, columns(batch), prepare=True)
            written[table.name] = Written(cursor.rowcount, len(batch) - cursor.rowcount)
            if table.row is Application and cursor.rowcount < len(batch):
                written["conflicts"] = await self._write_conflicts(cursor, batch)
        return written

    async def _write_conflicts(self, cursor: Cursor, batch: Sequence[Any]) -> Written:
        """Keep the applications that differ from the first under their id, found before or in this batch."""
        await cursor.execute(self._select_known, columns(batch))
        seconds = [(batch[place - 1], first) for place, first in await cursor.fetchall()]
        conflicts = [second for second, first in seconds if not same_application(first, second.raw)]
        if not conflicts:
            return Written(0, 0)
        await cursor.execute(self._insert_conflicts, columns(sorted(conflicts, key=BY_POSITION)))
        return Written(cursor.rowcount, len(conflicts) - cursor.rowcount)


@contextmanager
def database_errors() -> Iterator[None]:
    """Say the database's errors in the loop's words: away is worth another try, no tables is fatal."""
    try:
        yield
    except AWAY as error:
        raise UnavailableError(f"PostgreSQL: {error}") from error
    except NOT_MIGRATED as error:
        raise FatalError(
            f"PostgreSQL has no tables for the ledger ({error.sqlstate}): "
            "run `alembic -c infra/postgres/alembic.ini upgrade head` and start again"
        ) from error
