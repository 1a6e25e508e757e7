"""The book of record: batches of rows into PostgreSQL, each in one transaction, each row once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from services.kit.database_settings import DatabaseSettings
from services.kit.errors import UnavailableError
from services.kit.postgres_errors import postgres_errors
from services.ledger.applications import Application
from services.ledger.conflicts import Conflicts
from services.ledger.connection import Cursor, LedgerConnection
from services.ledger.handler import Row
from services.ledger.metrics import LedgerMetrics, Written
from services.ledger.tables import BY_POSITION, Columns, columns, statement, tables

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
        self._connection = LedgerConnection(database)
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
                    async with self._connection.transaction() as cursor:
                        written = await self._write(cursor, rows)
        except TimeoutError as error:
            raise UnavailableError("PostgreSQL has not taken a batch in time") from error
        self._metrics.count(written)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _write(self, cursor: Cursor, rows: Sequence[Row]) -> dict[str, Written]:
        written: dict[str, Written] = {}
        for table in self._tables:
            batch = sorted((row for row in rows if isinstance(row, table.row)), key=table.key)
            if not batch:
                continue
            given = columns(batch)
            written[table.name] = await self._insert(cursor, table.insert, given, len(batch))
            if table.row is Application and written[table.name].known:
                written["conflicts"] = await self._write_conflicts(cursor, batch, given)
        return written

    async def _write_conflicts(self, cursor: Cursor, batch: Sequence[Any], given: Columns) -> Written:
        """Keep the applications that differ from the first under their id, found before or in this batch."""
        conflicts = await self._conflicts.among(cursor, batch, given)
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
        return await self._insert(cursor, self._insert_conflicts, given, len(conflicts))

    async def _insert(self, cursor: Cursor, insert: bytes, given: Columns, count: int) -> Written:
        await cursor.execute(insert, given)
        return Written(cursor.rowcount, count - cursor.rowcount)
