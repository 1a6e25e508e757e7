-- select_known_applications: for each record whose id another record came under first, its place in the
-- arrays, from 1, and the first one's raw value. A record that is only read again is not among them.
SELECT given.place, known.raw
FROM unnest(
    %(application_id)b::text[],
    %(topic)b::text[],
    %(partition)b::bigint[],
    %(offset)b::bigint[]
) WITH ORDINALITY AS given (application_id, topic, partition, "offset", place)
JOIN ledger.applications AS known USING (application_id)
WHERE (known.topic, known.partition, known."offset") <> (given.topic, given.partition, given."offset")
