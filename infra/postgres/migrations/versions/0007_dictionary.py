"""Raw applications are packed with a dictionary: 340 bytes instead of 1,050. Old ones stay as they are."""

from alembic import op

revision = "0007"
down_revision = "0006"

SAYS = "COMMENT ON COLUMN ledger.applications.raw IS 'Value of the Kafka record, zstandard{more}'"


def upgrade() -> None:
    """Say where the dictionary is."""
    op.execute(SAYS.format(more="; its dictionary lies in services/kit/dictionaries"))


def downgrade() -> None:
    """Say what was said before; a version without dictionaries cannot read what was packed with one."""
    op.execute(SAYS.format(more=""))
