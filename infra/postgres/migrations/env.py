"""How Alembic reaches the database: DATABASE_URL, one transaction, one migrator at a time."""  # noqa: INP001

import os
from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ArgumentError, OperationalError

EXAMPLE = "postgresql://user:password@host:port/database"
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('octroi migrations'))")


def migrate(url: str | None) -> None:
    """Run the migrations that were asked for. Raises CommandError with a sentence that says what to do."""
    if not url:
        raise CommandError(f"DATABASE_URL is not set, it should be {EXAMPLE}")
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with engine.connect() as connection:
            context.configure(connection=connection, on_version_apply=say)
            with context.begin_transaction():
                connection.execute(ONE_AT_A_TIME)
                context.run_migrations()
    except ArgumentError as error:
        raise CommandError(f"DATABASE_URL cannot be read, it should be {EXAMPLE}") from error
    except OperationalError as error:
        raise CommandError(f"PostgreSQL cannot be reached by DATABASE_URL: {error.orig}") from error


def say(
    ctx: MigrationContext,  # noqa: ARG001
    step: MigrationInfo,
    heads: Collection[Any],  # noqa: ARG001
    run_args: Mapping[str, Any],  # noqa: ARG001
) -> None:
    """Tell the person at the terminal what was done; Alembic gives the arguments by name."""
    print(f"{'applied' if step.is_upgrade else 'reverted'} {step.up_revision_id}")


migrate(os.environ.get("DATABASE_URL"))
