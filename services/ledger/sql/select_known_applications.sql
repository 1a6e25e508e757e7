-- select_known_applications: of each id that another record came under first, the raw value of that, and the
-- places of the id's records in the arrays, from 1. A record that is only read again is not among them.
SELECT known.raw, array_agg(given.place) AS places
FROM unnest(
    %(application_id)b::text[],
    %(topic)b::text[],
    %(partition)b::bigint[],
    %(offset)b::bigint[]
) WITH ORDINALITY AS given (application_id, topic, partition, "offset", place)
JOIN ledger.applications AS known USING (application_id)
WHERE (known.topic, known.partition, known."offset") <> (given.topic, given.partition, given."offset")
GROUP BY known.application_id
