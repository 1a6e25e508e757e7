"""The gateway's own tables: files of applications, handed in part by part, and what it reads of decisions.

Ids of a batch's applications begin with its id and end with the row's number in eight digits, so the
primary keys of the ledger find a part's decisions as a range: the ledger needs no further index.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE SCHEMA gateway;

CREATE TABLE gateway.batches (
    batch_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('receiving', 'running', 'done', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    moved_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    request_key text UNIQUE,
    digest bytea,
    rows integer NOT NULL DEFAULT 0,
    invalid integer NOT NULL DEFAULT 0,
    handed_in integer NOT NULL DEFAULT 0,
    tally integer[] NOT NULL DEFAULT array_fill(0, ARRAY[66])
);
COMMENT ON COLUMN gateway.batches.moved_at IS 'When a part last came in or was handed in: batches take turns';
COMMENT ON COLUMN gateway.batches.request_key IS 'Who sent it, and the Idempotency-Key';
COMMENT ON COLUMN gateway.batches.digest IS 'SHA-256 of the file';
COMMENT ON COLUMN gateway.batches.handed_in IS 'Rows of which Kafka has the application';
COMMENT ON COLUMN gateway.batches.tally IS
'Decisions of its settled parts: 22 bands of 25 points each, by outcome: approved, refused, review';

CREATE TABLE gateway.batch_parts (
    batch_id text COLLATE "C" REFERENCES gateway.batches ON DELETE CASCADE,
    part integer,
    state text NOT NULL CHECK (state IN ('waiting', 'handed_in', 'settled', 'dropped')),
    first_row integer NOT NULL,
    last_row integer NOT NULL,
    first_id text COLLATE "C" NOT NULL,
    last_id text COLLATE "C" NOT NULL,
    row_numbers integer[] NOT NULL,
    loans bigint[] NOT NULL,
    lost integer NOT NULL DEFAULT 0,
    cells bytea,
    PRIMARY KEY (batch_id, part)
);
COMMENT ON TABLE gateway.batch_parts IS 'Some hundred rows of a file';
COMMENT ON COLUMN gateway.batch_parts.state IS
'Waiting to be handed in; handed in; settled when each row has its decision or its error; or cancelled';
COMMENT ON COLUMN gateway.batch_parts.row_numbers IS 'Its valid rows';
COMMENT ON COLUMN gateway.batch_parts.loans IS 'SK_ID_CURR of these';
COMMENT ON COLUMN gateway.batch_parts.lost IS 'Valid rows that were refused when they were handed in';
COMMENT ON COLUMN gateway.batch_parts.cells IS
'NDJSON of the valid rows, zstandard; null when the part is settled, for the ledger has them';
ALTER TABLE gateway.batch_parts ALTER COLUMN cells SET STORAGE EXTERNAL;

CREATE TABLE gateway.batch_tries (
    batch_id text COLLATE "C" REFERENCES gateway.batches ON DELETE CASCADE,
    part integer,
    tried_at timestamptz,
    PRIMARY KEY (batch_id, part, tried_at)
);
COMMENT ON TABLE gateway.batch_tries IS
'Parts that somebody began to hand in and that are still waiting: Kafka may have some of their rows';

CREATE TABLE gateway.batch_errors (
    batch_id text COLLATE "C" REFERENCES gateway.batches ON DELETE CASCADE,
    row integer,
    place integer,
    field text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (batch_id, row, place)
);
COMMENT ON TABLE gateway.batch_errors IS 'What is wrong with rows that are not valid, field by field';
"""

INDEXES = """
CREATE INDEX batches_newest ON gateway.batches (created_at, batch_id);
CREATE INDEX batches_open ON gateway.batches (moved_at) WHERE state IN ('receiving', 'running');
CREATE INDEX batch_parts_waiting ON gateway.batch_parts (batch_id, part) WHERE state = 'waiting';
CREATE INDEX batch_parts_handed_in ON gateway.batch_parts (batch_id, part) WHERE state = 'handed_in';
"""

VIEWS = """
CREATE VIEW gateway.decisions AS
SELECT application_id, outcome, probability_of_default, score, reasons FROM ledger.decisions;

CREATE VIEW gateway.refusals AS
SELECT application_id, error, failed_at
FROM ledger.dead_letters
WHERE origin_topic IS DISTINCT FROM 'loan.outcomes.v1';
"""


def upgrade() -> None:
    """Make schema, tables, indexes and views."""
    for statements in (TABLES, INDEXES, VIEWS):
        op.execute(statements)


def downgrade() -> None:
    """Remove them and every batch; what was decided stays in the ledger."""
    op.execute("DROP SCHEMA gateway CASCADE")
