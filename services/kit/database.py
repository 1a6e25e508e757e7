"""PostgreSQL, by SQLAlchemy and psycopg."""

import re

from pydantic import PositiveInt, PostgresDsn, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

EXAMPLE = "postgresql://user:password@host:port/database"


class DatabaseSettings(BaseSettings):
    """Where PostgreSQL is."""

    model_config = SettingsConfigDict(
        env_prefix="DATABASE_",
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    url: SecretStr
    """postgresql://user:password@host:port/database; it has no default because it holds a password."""
    pool: PositiveInt = 5
    """Most connections that a process keeps open."""

    @field_validator("url")
    @classmethod
    def _is_postgres(cls, url: SecretStr) -> SecretStr:
        try:
            TypeAdapter(PostgresDsn).validate_python(url.get_secret_value())
        except ValidationError:
            # pydantic would quote the password.
            raise ValueError(f"must be {EXAMPLE}: special characters in the password as %xx") from None
        # As some platforms still write it, and SQLAlchemy does not read it.
        return SecretStr(re.sub("^postgres:", "postgresql:", url.get_secret_value()))


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
