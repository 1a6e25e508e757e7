"""How Alembic reaches the database: DATABASE_URL, one transaction, one migrator at a time."""  # noqa: INP001

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from services.kit.database_settings import CONNECT_SECONDS, DatabaseSettings
from services.kit.environment import SettingsError, read

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('octroi migrations'))")


def migrate() -> None:
    """Run the migrations that were asked for. Raises CommandError with a sentence that says what to do."""
    try:
        address = read(DatabaseSettings).url.get_secret_value()
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(address, connect_timeout=CONNECT_SECONDS),
            poolclass=NullPool,
        )
        with engine.connect() as connection:
            context.configure(connection=connection, on_version_apply=say)
            with context.begin_transaction():
                connection.execute(ONE_AT_A_TIME)
                context.run_migrations()
    except SettingsError as error:
        raise CommandError(str(error)) from error
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


migrate()
