"""The view by which other services read the ledger.

Decided and undecided applications are two branches, so that a page is read from an index whatever it is
filtered by. The planner keeps an index's order through the first branch because that is one table without
a condition; what belongs to both is joined outside. Explain the listing before changing the form.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

APPLICATION_STATES = """
CREATE VIEW public.application_states AS
SELECT
    known.application_id,
    known.state,
    known.channel,
    application.contract_type,
    known.submitted_at,
    application.received_at,
    application.raw,
    application.request_id,
    application.event_id AS application_event_id,
    application.topic AS application_topic,
    application.partition AS application_partition,
    application."offset" AS application_offset,
    known.outcome,
    known.probability_of_default,
    known.score,
    known.threshold,
    known.reasons,
    known.policy_rule,
    known.policy_version,
    known.model_name,
    known.model_version,
    known.model_role,
    known.shadow,
    known.catalogue_version,
    known.computed_at,
    known.decided_at,
    known.recorded_at,
    known.decision_event_id,
    known.decision_topic,
    known.decision_partition,
    known.decision_offset,
    known.features_event_id,
    known.features_topic,
    known.features_partition,
    known.features_offset,
    known.decided_application_event_id,
    known.decided_application_topic,
    known.decided_application_partition,
    known.decided_application_offset,
    known.error,
    known.dead_stage,
    outcome.outcome AS outcome_observed,
    outcome.observed_at
FROM (
    SELECT
        application_id,
        'decided' AS state,
        channel,
        submitted_at,
        outcome,
        probability_of_default,
        score,
        threshold,
        reasons,
        policy_rule,
        policy_version,
        model_name,
        model_version,
        model_role,
        shadow,
        catalogue_version,
        computed_at,
        decided_at,
        recorded_at,
        event_id AS decision_event_id,
        topic AS decision_topic,
        partition AS decision_partition,
        "offset" AS decision_offset,
        features_event_id,
        features_topic,
        features_partition,
        features_offset,
        application_event_id AS decided_application_event_id,
        application_topic AS decided_application_topic,
        application_partition AS decided_application_partition,
        application_offset AS decided_application_offset,
        NULL AS error,
        NULL AS dead_stage
    FROM ledger.decisions
    UNION ALL
    SELECT
        waiting.application_id,
        CASE WHEN dead_letter.stage IS NULL THEN 'received' ELSE 'dead' END,
        waiting.channel,
        waiting.submitted_at,
        NULL::text,
        NULL::double precision,
        NULL::smallint,
        NULL::double precision,
        NULL::jsonb,
        NULL::text,
        NULL::text,
        NULL::text,
        NULL::text,
        NULL::text,
        NULL::jsonb,
        NULL::text,
        NULL::timestamptz,
        NULL::timestamptz,
        NULL::timestamptz,
        NULL::text,
        NULL::text,
        NULL::integer,
        NULL::bigint,
        NULL::text,
        NULL::text,
        NULL::integer,
        NULL::bigint,
        NULL::text,
        NULL::text,
        NULL::integer,
        NULL::bigint,
        dead_letter.error,
        dead_letter.stage
    FROM ledger.undecided AS waiting
    LEFT JOIN LATERAL (
        SELECT letter.stage, letter.error
        FROM ledger.dead_letters AS letter
        WHERE letter.application_id = waiting.application_id
            AND letter.origin_topic IS DISTINCT FROM 'loan.outcomes.v1'
        ORDER BY letter.failed_at DESC
        LIMIT 1
    ) AS dead_letter ON TRUE
    WHERE NOT EXISTS (
        SELECT FROM ledger.decisions AS decision WHERE decision.application_id = waiting.application_id
    )
) AS known
JOIN ledger.applications AS application USING (application_id)
LEFT JOIN ledger.outcomes AS outcome USING (application_id);

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
