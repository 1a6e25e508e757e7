"""The book of record: batches of rows into PostgreSQL, each in one transaction, each row once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from services.kit.database import Connection, Database
from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.kit.postgres_errors import postgres_errors
from services.ledger.applications import Application
from services.ledger.arrays import array_adapters
from services.ledger.conflicts import Conflicts
from services.ledger.handler import Row
from services.ledger.metrics import LedgerMetrics, Written
from services.ledger.tables import BY_POSITION, Columns, columns, statement, tables

BEGIN: Final = (
    b"BEGIN; SET LOCAL work_mem = '64MB'; SET LOCAL enable_seqscan = off; SET LOCAL cursor_tuple_fraction = 1"
)
"""A batch's arrays become rows in memory; the usual 4 MB would send them through a file. Rows are looked up
by their keys: a table that was empty when it was last vacuumed PostgreSQL would read whole, and compare each
row with all ids of the batch. A cursor is read to its end: planned for the usual tenth of that, it would go
through a whole table in the order of an index."""
log = structlog.stdlib.get_logger("ledger")


class Book:
    """Writes rows, whatever was written before: a batch that is written again changes nothing."""

    def __init__(
        self,
        database: DatabaseSettings,
        metrics: LedgerMetrics,
        *,
        write_within: timedelta = timedelta(seconds=10),
    ) -> None:
        self._database = Database(database, array_adapters())
        self._metrics = metrics
        self._write_within = write_within.total_seconds()
        self._tables = tables()
        self._conflicts = Conflicts()
        self._insert_conflicts = statement("insert_conflicts")

    async def write(self, rows: Sequence[Row]) -> None:
        """Write a batch in one transaction.

        Raises UnavailableError where PostgreSQL is away or too slow, FatalError where it has no tables.
        """
        if not rows:
            return
        try:
            async with asyncio.timeout(self._write_within):
                with postgres_errors("the ledger"):
                    async with self._database.transaction(BEGIN) as connection:
                        written = await self._write(connection, rows)
        except TimeoutError as error:
            raise UnavailableError("PostgreSQL has not taken a batch in time") from error
        self._metrics.count(written)

    async def close(self) -> None:
        """Close its connection."""
        await self._database.close()

    async def _write(self, connection: Connection, rows: Sequence[Row]) -> dict[str, Written]:
        written: dict[str, Written] = {}
        for table in self._tables:
            batch = sorted((row for row in rows if isinstance(row, table.row)), key=table.key)
            if not batch:
                continue
            given = columns(batch)
            written[table.name] = await self._insert(connection, table.insert, given, len(batch))
            if table.row is Application and written[table.name].known:
                written["conflicts"] = await self._write_conflicts(connection, batch, given)
        return written

    async def _write_conflicts(self, connection: Connection, batch: Sequence[Any], given: Columns) -> Written:
        """Keep the applications that differ from the first under their id, found before or in this batch."""
        conflicts = await self._conflicts.among(connection, batch, given)
        if not conflicts:
            return Written(0, 0)
        for conflict in conflicts:
            log.warning(
                "conflict",
                position=f"{conflict.topic}:{conflict.partition}:{conflict.offset}",
                event_id=conflict.event_id,
                request_id=conflict.request_id,
            )
        given = columns(sorted(conflicts, key=BY_POSITION))
        return await self._insert(connection, self._insert_conflicts, given, len(conflicts))

    async def _insert(self, connection: Connection, insert: bytes, given: Columns, count: int) -> Written:
        cursor = await connection.execute(insert, given)
        return Written(cursor.rowcount, count - cursor.rowcount)
