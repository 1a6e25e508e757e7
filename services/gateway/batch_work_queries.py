"""The statements of the work on batches: parts are claimed, handed in, counted, settled and dropped."""

from typing import Final

from services.gateway.batch_tally import CELL

OPEN: Final = """
SELECT batch_id FROM gateway.batches AS batch
WHERE state = 'running' AND EXISTS (
    SELECT FROM gateway.batch_parts WHERE batch_id = batch.batch_id AND state = 'waiting'
)
ORDER BY moved_at, batch_id
"""
"""Batches with parts that wait, the one first that was served the longest ago: they take turns."""
RUNNING: Final = "SELECT count(*) AS batches FROM gateway.batches WHERE state = 'running'"
"""How many batches are running."""
CLAIM: Final = """
SELECT part, row_numbers, cells FROM gateway.batch_parts
WHERE batch_id = %(batch_id)s AND state = 'waiting'
ORDER BY part
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED
"""
"""The next part that no other gateway is handing in; a crash lets go of it with its transaction."""
TRIES: Final = """
SELECT min(tried_at) AS first, max(tried_at) AS last FROM gateway.batch_tries
WHERE batch_id = %(batch_id)s AND part = %(part)s
"""
"""Tries to hand a part in that came to no end."""
TRY: Final = """
INSERT INTO gateway.batch_tries (batch_id, part, tried_at) VALUES (%(batch_id)s, %(part)s, clock_timestamp())
"""
"""A part is about to be handed in; in a transaction of its own, for who comes after a crash."""
LET_GO: Final = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s'"
"""A gateway whose machine is gone keeps its part no longer than that."""
HANDED_IN: Final = """
WITH part AS (
    UPDATE gateway.batch_parts SET state = 'handed_in', lost = %(lost)s
    WHERE batch_id = %(batch_id)s AND part = %(part)s
    RETURNING cardinality(row_numbers) AS rows
)
UPDATE gateway.batches SET moved_at = now(), handed_in = handed_in + part.rows FROM part
WHERE batch_id = %(batch_id)s
"""
"""Kafka has all of a part."""
FORGET_TRIES: Final = "DELETE FROM gateway.batch_tries WHERE batch_id = %(batch_id)s AND part = %(part)s"
"""The tries came to an end."""

COUNT_ALL: Final = f"""
SELECT
    part.batch_id, part.part, cardinality(part.row_numbers) AS rows, part.lost, refused.rows AS refused,
    decided.cells, decided.counts
FROM gateway.batch_parts AS part
CROSS JOIN LATERAL (
    SELECT array_agg(cell) AS cells, array_agg(rows) AS counts
    FROM (
        SELECT {CELL} AS cell, count(*) AS rows
        FROM gateway.decisions AS decision
        WHERE application_id BETWEEN part.first_id AND part.last_id
            AND length(application_id) = length(part.first_id) AND application_id ~ '[.][0-9]{{8}}$'
            AND NOT EXISTS (
                SELECT FROM gateway.batch_errors AS error
                WHERE part.lost > 0 AND error.batch_id = part.batch_id
                    AND error.row = CAST(substring(decision.application_id FROM '[0-9]{{8}}$') AS integer)
            )
        GROUP BY cell
    ) AS by_cell
) AS decided
CROSS JOIN LATERAL (
    SELECT count(DISTINCT application_id) AS rows
    FROM gateway.refusals AS refusal
    WHERE application_id BETWEEN part.first_id AND part.last_id
        AND length(application_id) = length(part.first_id) AND application_id ~ '[.][0-9]{{8}}$'
        AND NOT EXISTS (SELECT FROM gateway.decisions WHERE application_id = refusal.application_id)
        AND NOT EXISTS (
            SELECT FROM gateway.batch_errors AS error
            WHERE part.lost > 0 AND error.batch_id = part.batch_id
                AND error.row = CAST(substring(refusal.application_id FROM '[0-9]{{8}}$') AS integer)
        )
) AS refused
WHERE part.state = 'handed_in'
"""  # noqa: S608 - made of constants
"""What became of every part in flight: decisions by cell of the tally, dead letters, rows lost.

Ids between two of a part's that are not like them are no rows: anybody may send them to Kafka. Rows lost
when they were handed in are counted as such, whatever is decided under their ids."""
COUNT_OF: Final = f"{COUNT_ALL} AND part.batch_id = ANY(%(batch_ids)s)"
"""The same of some batches."""

LOCK: Final = "SELECT tally FROM gateway.batches WHERE batch_id = %(batch_id)s FOR NO KEY UPDATE"
"""A batch's tally, to be changed by nobody else."""
SETTLE: Final = """
UPDATE gateway.batch_parts SET state = 'settled', cells = NULL
WHERE batch_id = %(batch_id)s AND part = ANY(%(parts)s) AND state = 'handed_in'
RETURNING part
"""
"""Parts whose every row has its decision or its error; those that another gateway settled are left out."""
NOTE_REFUSALS: Final = """
INSERT INTO gateway.batch_errors (batch_id, row, place, field, message)
SELECT DISTINCT ON (refusal.application_id)
    part.batch_id, CAST(substring(refusal.application_id FROM '[0-9]{8}$') AS integer), 0,
    CAST(%(field)s AS text), refusal.error
FROM gateway.batch_parts AS part
JOIN gateway.refusals AS refusal
ON refusal.application_id BETWEEN part.first_id AND part.last_id
    AND length(refusal.application_id) = length(part.first_id) AND refusal.application_id ~ '[.][0-9]{8}$'
WHERE part.batch_id = %(batch_id)s AND part.part = ANY(%(parts)s) AND NOT EXISTS (
    SELECT FROM gateway.decisions WHERE application_id = refusal.application_id
)
ORDER BY refusal.application_id, refusal.failed_at DESC
ON CONFLICT (batch_id, row, place) DO NOTHING
"""
"""Rows that a stage refused are told of as those that are not valid."""
ADD_UP: Final = """
UPDATE gateway.batches SET tally = CAST(%(tally)s AS integer[]), invalid = invalid + %(lost)s
WHERE batch_id = %(batch_id)s
"""
"""The batch's counts with those of the parts that were settled."""
FINISH: Final = """
UPDATE gateway.batches AS batch SET state = 'done', finished_at = now()
WHERE batch_id = %(batch_id)s AND state = 'running' AND NOT EXISTS (
    SELECT FROM gateway.batch_parts
    WHERE batch_id = batch.batch_id AND state IN ('waiting', 'handed_in')
)
"""
"""A batch of which no part is open is done."""

DROP_PARTS: Final = """
UPDATE gateway.batch_parts SET state = 'dropped', cells = NULL
WHERE (batch_id, part) IN (
    SELECT part.batch_id, part.part
    FROM gateway.batch_parts AS part
    JOIN gateway.batches AS batch USING (batch_id)
    WHERE part.state = 'waiting' AND batch.state = 'cancelled'
    FOR NO KEY UPDATE OF part SKIP LOCKED
)
"""
"""Parts of cancelled batches that nobody is handing in at this moment."""
DROP_STALE: Final = """
DELETE FROM gateway.batches WHERE state = 'receiving' AND moved_at < now() - CAST(%(age)s AS interval)
"""
"""Give up those whose gateway died while their file came in."""
