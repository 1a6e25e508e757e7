-- insert_applications: keep the first application under each id, and note those that wait for a decision.
-- Returns an empty row for each that was kept.
WITH kept AS (
    INSERT INTO ledger.applications (
        application_id, channel, contract_type, submitted_at, received_at, raw,
        event_id, request_id, topic, partition, "offset"
    )
    SELECT *
    FROM unnest(
        %(application_id)b::text[],
        %(channel)b::text[],
        %(contract_type)b::text[],
        %(submitted_at)b::timestamptz[],
        %(received_at)b::timestamptz[],
        %(raw)b::bytea[],
        %(event_id)b::text[],
        %(request_id)b::text[],
        %(topic)b::text[],
        %(partition)b::bigint[],
        %(offset)b::bigint[]
    )
    ON CONFLICT (application_id) DO NOTHING
    RETURNING application_id, submitted_at, channel
),
waiting AS (
    INSERT INTO ledger.undecided (application_id, submitted_at, channel)
    SELECT application_id, submitted_at, channel
    FROM kept
    -- Looked up in a hash; an array would be read through once for each application.
    WHERE application_id NOT IN (
        SELECT application_id FROM ledger.decisions WHERE application_id = ANY (%(application_id)b::text[])
    )
    ON CONFLICT (application_id) DO NOTHING
)
SELECT FROM kept
