"""Where PostgreSQL is."""

import re

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import PositiveInt, PostgresDsn, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

EXAMPLE = "postgresql://user:password@host:port/database"
CONNECT_SECONDS = 2
"""Longest wait for one address to take a connection."""


class DatabaseSettings(BaseSettings):
    """Where PostgreSQL is."""

    model_config = SettingsConfigDict(
        env_prefix="DATABASE_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: SecretStr
    """postgresql://user:password@host:port/database; it has no default because it holds a password.

    Where a standby can take over, name both servers, and ask for the one that takes writes, in any order:
    postgresql://user:password@one,two/database?target_session_attrs=read-write&load_balance_hosts=random
    """
    pool: PositiveInt = 5
    """Most connections that a process keeps open. The ledger needs one, whatever stands here."""

    @field_validator("url")
    @classmethod
    def _is_postgres(cls, url: SecretStr) -> SecretStr:
        # As some platforms still write it, or with a driver, which only SQLAlchemy reads.
        written = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url.get_secret_value())
        try:
            TypeAdapter(PostgresDsn).validate_python(written)
            conninfo_to_dict(written)
        except (ValidationError, ProgrammingError):
            # Both would quote the password.
            raise ValueError(f"must be {EXAMPLE}: special characters in the password as %xx") from None
        return SecretStr(written)
