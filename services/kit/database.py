"""PostgreSQL, by SQLAlchemy and psycopg."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.kit.database_settings import DatabaseSettings


def create_database(settings: DatabaseSettings) -> AsyncEngine:
    """Return an engine that connects when first used and checks a pooled connection before each use."""
    return create_async_engine(
        settings.url.get_secret_value(),
        pool_size=settings.pool,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=True,
        # Parameters may be personal, and errors are logged.
        hide_parameters=True,
        # A plan prepared on an empty table would scan the whole of it when it is full.
        connect_args={"connect_timeout": 2, "prepare_threshold": None},
    )
