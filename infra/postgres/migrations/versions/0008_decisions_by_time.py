"""Decisions are found by when they were made: monitoring asks for the last minutes of them, every second.

They are written nearly in that order, so it is enough to know the first and the last moment of each megabyte:
of millions of rows this index has some kilobytes, and a row costs nothing more to keep.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

# What was written last is summed up at once, and not by the next vacuum, which may be millions of rows away.
INDEX = """
CREATE INDEX decisions_by_time ON ledger.decisions USING brin (decided_at) WITH (autosummarize = on);
"""


def upgrade() -> None:
    """Make the index, which reads the table once."""
    op.execute(INDEX)


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP INDEX ledger.decisions_by_time")
