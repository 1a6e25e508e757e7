-- insert_decisions: keep the first decision on each application, which then waits no longer.
-- Returns an empty row for each that was kept.
WITH kept AS (
    INSERT INTO ledger.decisions (
        application_id, outcome, probability_of_default, score, threshold, reasons,
        policy_rule, policy_version, model_name, model_version, model_role, shadow,
        catalogue_version, channel, submitted_at, computed_at, decided_at,
        event_id, topic, partition, "offset",
        application_event_id, application_topic, application_partition, application_offset,
        features_event_id, features_topic, features_partition, features_offset
    )
    SELECT *
    FROM unnest(
        %(application_id)b::text[],
        %(outcome)b::text[],
        %(probability_of_default)b::double precision[],
        %(score)b::bigint[],
        %(threshold)b::double precision[],
        %(reasons)b::text[]::json[],
        %(policy_rule)b::text[],
        %(policy_version)b::text[],
        %(model_name)b::text[],
        %(model_version)b::text[],
        %(model_role)b::text[],
        %(shadow)b::text[]::json[],
        %(catalogue_version)b::text[],
        %(channel)b::text[],
        %(submitted_at)b::timestamptz[],
        %(computed_at)b::timestamptz[],
        %(decided_at)b::timestamptz[],
        %(event_id)b::text[],
        %(topic)b::text[],
        %(partition)b::bigint[],
        %(offset)b::bigint[],
        %(application_event_id)b::text[],
        %(application_topic)b::text[],
        %(application_partition)b::bigint[],
        %(application_offset)b::bigint[],
        %(features_event_id)b::text[],
        %(features_topic)b::text[],
        %(features_partition)b::bigint[],
        %(features_offset)b::bigint[]
    )
    ON CONFLICT (application_id) DO NOTHING
    RETURNING application_id
),
waiting AS (
    DELETE FROM ledger.undecided
    WHERE application_id = ANY (ARRAY(SELECT application_id FROM kept))
)
SELECT FROM kept
