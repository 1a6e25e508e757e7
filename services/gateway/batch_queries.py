"""The statements of requests: batches that come in, are cancelled, and are told of."""

from typing import Final

BATCH: Final = """
SELECT batch_id, name, state, created_at, finished_at, rows, invalid, handed_in, tally, digest
FROM gateway.batches
"""
ONE_MOMENT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""A part that is settled between two statements would be in neither count, and progress would go back."""
FIND: Final = f"{BATCH} WHERE batch_id = %(batch_id)s AND state <> 'receiving'"
"""A batch whose file has come in."""
FIND_BY_KEY: Final = f"{BATCH} WHERE request_key = %(request_key)s"
"""The batch that an idempotency key stands for."""
NEWEST: Final = f"{BATCH} WHERE state <> 'receiving' ORDER BY created_at DESC, batch_id DESC LIMIT %(limit)s"
"""The latest batches."""

BEGIN: Final = (
    "INSERT INTO gateway.batches (batch_id, name, state) VALUES (%(batch_id)s, %(name)s, 'receiving')"
)
"""A batch whose file is coming in."""
ADD_PART: Final = """
INSERT INTO gateway.batch_parts (
    batch_id, part, state, first_row, last_row, first_id, last_id, row_numbers, loans, cells
) VALUES (
    %(batch_id)s, %(part)s, %(state)s, %(first_row)s, %(last_row)s, %(first_id)s, %(last_id)s,
    CAST(%(row_numbers)s AS integer[]), CAST(%(loans)s AS bigint[]), %(cells)s
)
"""
"""A part of the file, waiting to be handed in; settled where it has no valid row."""
ADD_ERRORS: Final = """
INSERT INTO gateway.batch_errors (batch_id, row, place, field, message)
SELECT %(batch_id)s, *
FROM unnest(
    CAST(%(rows)s AS integer[]), CAST(%(places)s AS integer[]),
    CAST(%(fields)s AS text[]), CAST(%(messages)s AS text[])
)
ON CONFLICT (batch_id, row, place) DO NOTHING
"""
"""What is wrong with rows; once, also where it is found a second time."""
MOVED: Final = """
UPDATE gateway.batches SET moved_at = now(), rows = rows + %(rows)s, invalid = invalid + %(invalid)s
WHERE batch_id = %(batch_id)s AND state = 'receiving'
"""
"""A part has come in. No row where the batch was given up meanwhile."""
COMPLETE: Final = """
UPDATE gateway.batches SET state = 'running', request_key = %(request_key)s, digest = %(digest)s
WHERE batch_id = %(batch_id)s AND state = 'receiving'
"""
"""The whole file has come in: the batch is there. Fails where another one has its key."""
DROP: Final = "DELETE FROM gateway.batches WHERE batch_id = %(batch_id)s AND state = 'receiving'"
"""Give up a batch whose file did not come in."""
CANCEL: Final = """
UPDATE gateway.batches SET state = 'cancelled', finished_at = now()
WHERE batch_id = %(batch_id)s AND state = 'running'
"""
"""Hand in no more."""

NEXT_PART: Final = """
SELECT part, state, first_row, last_row, first_id, last_id, row_numbers, loans
FROM gateway.batch_parts
WHERE batch_id = %(batch_id)s AND part > %(after)s
ORDER BY part
LIMIT 1
"""
"""The part of a file after another one."""
PART_DECISIONS: Final = """
SELECT application_id, outcome, probability_of_default, score, reasons
FROM gateway.decisions
WHERE application_id BETWEEN %(first_id)s AND %(last_id)s
"""
"""What was decided on a part."""
ERRORS: Final = """
SELECT row, place, field, message FROM gateway.batch_errors
WHERE batch_id = %(batch_id)s AND row BETWEEN %(first_row)s AND %(last_row)s
ORDER BY row, place
LIMIT %(limit)s
"""
"""What is wrong with rows, in their order."""
