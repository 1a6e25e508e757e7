"""PostgreSQL by psycopg: connections that are opened when needed, kept, and lent to one at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.abc import AdaptContext
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InFailedSqlTransaction
from psycopg.rows import dict_row

from services.kit.database_settings import CONNECT_SECONDS, DatabaseSettings
from services.kit.errors import UnavailableError

FREE_SECONDS: Final = 2
"""Longest wait for a connection, where all are lent."""
SILENT: Final = {"keepalives_idle": 5, "keepalives_interval": 5, "tcp_user_timeout": 10_000}
"""A host that vanished says nothing more: it is given up after 15 seconds, unless the address says otherwise.
The system's own limits are a quarter of an hour, and two hours where an answer is waited for."""
BROKEN: Final = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
Row = dict[str, Any]
Statement = str | bytes
Connection = psycopg.AsyncConnection[Row]


class Database:
    """A process's connections, `settings.pool` at most.

    Each is closed by whatever goes wrong while it is lent, and another one is opened for who comes next: no
    state of a statement that failed or was cut off is left to anybody. Where PostgreSQL is away, that is told
    at once (docs/adr/0022-postgresql-without-a-layer.md).
    """

    def __init__(self, settings: DatabaseSettings, context: AdaptContext | None = None) -> None:
        """Open nothing yet; `context` says how values are written, where psycopg's own ways do not do."""
        address = conninfo_to_dict(settings.url.get_secret_value())
        self._address = make_conninfo("", **{**SILENT, **address})
        self._context = context
        self._most = settings.pool
        self._free = asyncio.Semaphore(settings.pool)
        self._kept: list[Connection] = []

    @asynccontextmanager
    async def connection(self, begin: Statement = "") -> AsyncIterator[Connection]:
        """Lend a connection on which each statement is a transaction of its own.

        `begin` is executed first: if a kept connection has broken meanwhile, none that is kept is used.
        Raises psycopg's errors, and UnavailableError where none is free.
        """
        await self._turn()
        try:
            connection = await self._begun(begin)
            try:
                yield connection
            except BaseException:
                # PostgreSQL rolls back what a session leaves open.
                await connection.close()
                raise
            # One that was closed in the block has not broken: it says nothing of the others.
            if not connection.closed:
                self._kept.append(connection)
        finally:
            self._free.release()

    @asynccontextmanager
    async def transaction(self, begin: Statement = "BEGIN") -> AsyncIterator[Connection]:
        """Commit what is done in the block, all or nothing. Raises as `connection` does.

        After an error it may be committed all the same, where the answer was lost.
        """
        async with self.connection(begin) as connection:
            yield connection
            ended = await connection.execute("COMMIT")
            if ended.statusmessage != "COMMIT":
                raise InFailedSqlTransaction("a statement in the block failed: nothing of it is committed")

    async def close(self) -> None:
        """Close what is kept."""
        while self._kept:
            await self._kept.pop().close()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(FREE_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise UnavailableError(
                f"all {self._most} connections to PostgreSQL are in use (DATABASE_POOL)"
            ) from error

    async def _begun(self, begin: Statement) -> Connection:
        if self._kept:
            with suppress(*BROKEN):
                # The one that has rested longest, so that none rests for hours.
                return await _executed(self._kept.pop(0), begin)
            # What broke it has broken the others, too; a host that is silent would cost a long wait for each.
            await self.close()
        return await _executed(await self._opened(), begin)

    async def _opened(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self._address,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            # A plan made for empty tables would be kept while they grow, and read them whole each time.
            prepare_threshold=None,
            context=self._context,
            row_factory=dict_row,
        )


async def _executed(connection: Connection, statement: Statement) -> Connection:
    try:
        await connection.execute(statement)
    except BaseException:
        await connection.close()
        raise
    return connection


async def rows_of(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Sequence[Row]:
    """Return the rows that a statement finds. Raises psycopg's errors."""
    return await (await connection.execute(statement, given)).fetchall()
