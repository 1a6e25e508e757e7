-- upsert_outcomes: of all observations of a loan let the latest stand.
INSERT INTO ledger.outcomes AS known (
    application_id, outcome, observed_at, event_id, topic, partition, "offset"
)
SELECT DISTINCT ON (application_id COLLATE "C") *
FROM unnest(
    %(application_id)b::text[],
    %(outcome)b::text[],
    %(observed_at)b::timestamptz[],
    %(event_id)b::text[],
    %(topic)b::text[],
    %(partition)b::bigint[],
    %(offset)b::bigint[]
) AS given (application_id, outcome, observed_at, event_id, topic, partition, "offset")
ORDER BY application_id COLLATE "C", observed_at DESC, topic, partition, "offset"
ON CONFLICT (application_id) DO UPDATE
SET outcome = excluded.outcome,
    observed_at = excluded.observed_at,
    event_id = excluded.event_id,
    topic = excluded.topic,
    partition = excluded.partition,
    "offset" = excluded."offset",
    recorded_at = now()
WHERE known.observed_at < excluded.observed_at
