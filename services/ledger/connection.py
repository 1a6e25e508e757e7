"""The ledger's connection to PostgreSQL: one, for batches are written one after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psycopg

from services.kit.database_settings import CONNECT_SECONDS, DatabaseSettings
from services.ledger.arrays import Array, ArrayDumper

BEGIN: Final = (
    b"BEGIN; SET LOCAL work_mem = '64MB'; SET LOCAL enable_seqscan = off; SET LOCAL cursor_tuple_fraction = 1"
)
"""A batch's arrays become rows in memory; the usual 4 MB would send them through a file. Rows are looked up
by their keys: a table that was empty when it was last vacuumed PostgreSQL would read whole, and compare each
row with all ids of the batch. A cursor is read to its end: planned for the usual tenth of that, it would go
through a whole table in the order of an index."""
Cursor = psycopg.AsyncCursor[tuple[Any, ...]]
BROKEN: Final = (psycopg.OperationalError, psycopg.InterfaceError, OSError)


class LedgerConnection:
    """Opened when first used, closed by whatever goes wrong, and opened anew by the next batch."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._address = settings.url.get_secret_value()
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Cursor]:
        """Commit what is done in the block, all or nothing.

        Raises psycopg's errors. After one it may be committed all the same, where the answer was lost: what
        is written must bear being written again.
        """
        try:
            cursor = await self._begun()
            yield cursor
            await cursor.execute(b"COMMIT")
        except BaseException:
            # PostgreSQL rolls back what a session leaves open.
            await self.close()
            raise

    async def close(self) -> None:
        """Close it, if it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _begun(self) -> Cursor:
        """Begin a transaction; a connection that has broken meanwhile shows it here, and is replaced."""
        if self._connection is not None:
            with suppress(*BROKEN):
                return await self._begin(self._connection)
            await self.close()
        self._connection = await psycopg.AsyncConnection.connect(
            self._address,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            # A plan made for empty tables would be kept while they grow, and read them whole each time.
            prepare_threshold=None,
        )
        self._connection.adapters.register_dumper(Array, ArrayDumper)
        return await self._begin(self._connection)

    async def _begin(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> Cursor:
        cursor = connection.cursor()
        await cursor.execute(BEGIN)
        return cursor
