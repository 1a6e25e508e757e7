"""${message}."""

from alembic import op

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    """Say what it makes."""
    op.execute("")


def downgrade() -> None:
    """Say what it takes away."""
    op.execute("")
