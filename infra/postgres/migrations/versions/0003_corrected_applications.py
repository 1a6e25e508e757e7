"""The view shows the application that was decided on: a corrected one, where the first was refused.

The first application under an id keeps its row, so one that is corrected after a dead letter is among the
conflicts, and the decision names its record. That is joined outside by its primary key: a page that shows
nothing of it does not read it, another reads a row for each decision. Explain both before changing the form.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

ADD_CONTRACT_TYPE = """
ALTER TABLE ledger.conflicts ADD COLUMN contract_type text;
COMMENT ON COLUMN ledger.conflicts.contract_type IS 'Null where the row is older than the column';
COMMENT ON TABLE ledger.conflicts IS
'Applications that came under an id which belongs to a different one. One whose record a decision names was '
'decided on after the first was refused: it is a correction and no conflict';
"""

DROP_CONTRACT_TYPE = """
ALTER TABLE ledger.conflicts DROP COLUMN contract_type;
COMMENT ON TABLE ledger.conflicts IS 'Applications that came under an id which belongs to a different one';
"""

COLUMNS = ("contract_type", "received_at", "raw", "request_id", "event_id", "topic", "partition", "offset")
"""What the view shows of an application's own record."""

CORRECTED = """
LEFT JOIN ledger.conflicts AS corrected
    ON corrected.topic = known.decided_application_topic
    AND corrected.partition = known.decided_application_partition
    AND corrected."offset" = known.decided_application_offset
    AND corrected.application_id = known.application_id
"""

APPLICATION_STATES = """
CREATE OR REPLACE VIEW public.application_states AS
SELECT
    known.application_id,
    known.state,
    known.channel,
    {contract_type} AS contract_type,
    known.submitted_at,
    {received_at} AS received_at,
    {raw} AS raw,
    {request_id} AS request_id,
    {event_id} AS application_event_id,
    {topic} AS application_topic,
    {partition} AS application_partition,
    {offset} AS application_offset,
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
LEFT JOIN ledger.outcomes AS outcome USING (application_id)
{corrected};
"""


def upgrade() -> None:
    """Let the view show the record that a decision names, also where it is among the conflicts."""
    op.execute(ADD_CONTRACT_TYPE)
    shown = {
        name: f'CASE WHEN corrected.topic IS NULL THEN application."{name}" ELSE corrected."{name}" END'
        for name in COLUMNS
    }
    op.execute(APPLICATION_STATES.format(corrected=CORRECTED, **shown))


def downgrade() -> None:
    """Let the view show the first application under each id again."""
    first = {name: f'application."{name}"' for name in COLUMNS}
    op.execute(APPLICATION_STATES.format(corrected="", **first))
    op.execute(DROP_CONTRACT_TYPE)
