-- insert_conflicts: keep applications that came under an id which belongs to a different one.
INSERT INTO ledger.conflicts (
    topic, partition, "offset", application_id, contract_type, received_at, raw, event_id, request_id
)
SELECT *
FROM unnest(
    %(topic)b::text[],
    %(partition)b::bigint[],
    %(offset)b::bigint[],
    %(application_id)b::text[],
    %(contract_type)b::text[],
    %(received_at)b::timestamptz[],
    %(raw)b::bytea[],
    %(event_id)b::text[],
    %(request_id)b::text[]
)
ON CONFLICT (topic, partition, "offset") DO NOTHING
