"""PostgreSQL, by SQLAlchemy and psycopg."""

from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.kit.database_settings import CONNECT_SECONDS, DatabaseSettings


def create_database(settings: DatabaseSettings) -> AsyncEngine:
    """Return an engine that connects when first used and checks a pooled connection before each use.

    The address is read by libpq, as the ledger's is, and not by SQLAlchemy: it may name several hosts.
    """

    async def connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            settings.url.get_secret_value(),
            connect_timeout=CONNECT_SECONDS,
            # A plan prepared on an empty table would scan the whole of it when it is full.
            prepare_threshold=None,
        )

    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        pool_size=settings.pool,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=True,
        # Parameters may be personal, and errors are logged.
        hide_parameters=True,
    )
