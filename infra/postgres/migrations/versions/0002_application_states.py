"""The view by which other services read the ledger."""

from alembic import op

revision = "0002"
down_revision = "0001"

APPLICATION_STATES = """
CREATE VIEW public.application_states AS
SELECT
    application.application_id,
    CASE
        WHEN decision.application_id IS NOT NULL THEN 'decided'
        WHEN dead_letter.stage IS NOT NULL THEN 'dead'
        ELSE 'received'
    END AS state,
    application.channel,
    application.contract_type,
    application.submitted_at,
    application.received_at,
    application.raw,
    application.request_id,
    application.event_id AS application_event_id,
    application.topic AS application_topic,
    application.partition AS application_partition,
    application."offset" AS application_offset,
    decision.outcome,
    decision.probability_of_default,
    decision.score,
    decision.threshold,
    decision.reasons,
    decision.policy_rule,
    decision.policy_version,
    decision.model_name,
    decision.model_version,
    decision.model_role,
    decision.shadow,
    decision.catalogue_version,
    decision.computed_at,
    decision.decided_at,
    decision.recorded_at,
    decision.event_id AS decision_event_id,
    decision.topic AS decision_topic,
    decision.partition AS decision_partition,
    decision."offset" AS decision_offset,
    decision.features_event_id,
    decision.features_topic,
    decision.features_partition,
    decision.features_offset,
    decision.application_event_id AS decided_application_event_id,
    decision.application_topic AS decided_application_topic,
    decision.application_partition AS decided_application_partition,
    decision.application_offset AS decided_application_offset,
    dead_letter.error,
    dead_letter.stage AS dead_stage,
    outcome.outcome AS outcome_observed,
    outcome.observed_at
FROM ledger.applications AS application
LEFT JOIN ledger.decisions AS decision USING (application_id)
LEFT JOIN ledger.outcomes AS outcome USING (application_id)
-- The first condition is about the outer row alone: for decided applications nothing is looked up.
LEFT JOIN LATERAL (
    SELECT letter.stage, letter.error
    FROM ledger.dead_letters AS letter
    WHERE decision.application_id IS NULL
        AND letter.application_id = application.application_id
        AND letter.origin_topic IS DISTINCT FROM 'loan.outcomes.v1'
    ORDER BY letter.failed_at DESC
    LIMIT 1
) AS dead_letter ON TRUE;

COMMENT ON VIEW public.application_states IS
'One row per application, from when its own record is in the ledger. The topics are read side by side, so a '
'decision may be in the ledger first: it shows when the application does. A decision, even of a later try, '
'stands above a dead letter, and a dead letter above mere receipt. Names and meanings of columns are kept.';
"""


def upgrade() -> None:
    """Make the view."""
    op.execute(APPLICATION_STATES)


def downgrade() -> None:
    """Remove the view."""
    op.execute("DROP VIEW public.application_states")
