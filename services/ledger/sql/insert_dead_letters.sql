-- insert_dead_letters: note each dead letter once.
INSERT INTO ledger.dead_letters (
    topic, partition, "offset", application_id, stage, error, attempt,
    origin_topic, origin_partition, origin_offset, failed_at
)
SELECT *
FROM unnest(
    %(topic)b::text[],
    %(partition)b::bigint[],
    %(offset)b::bigint[],
    %(application_id)b::text[],
    %(stage)b::text[],
    %(error)b::text[],
    %(attempt)b::bigint[],
    %(origin_topic)b::text[],
    %(origin_partition)b::bigint[],
    %(origin_offset)b::bigint[],
    %(failed_at)b::timestamptz[]
)
ON CONFLICT (topic, partition, "offset") DO NOTHING
