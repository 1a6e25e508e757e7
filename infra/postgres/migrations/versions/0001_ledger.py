"""The ledger's tables: append-only, each row with the Kafka record it came from.

Ids are COLLATE "C": equality and order by bytes, the same whatever the server's language, and the cheapest.
"""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE SCHEMA ledger;

CREATE TABLE ledger.applications (
    application_id text COLLATE "C" PRIMARY KEY,
    channel text,
    contract_type text,
    submitted_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    raw bytea NOT NULL,
    event_id text NOT NULL,
    request_id text,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.applications IS 'The first application under each id, as it was received';
COMMENT ON COLUMN ledger.applications.raw IS 'Value of the Kafka record, zstandard';

CREATE TABLE ledger.conflicts (
    topic text,
    partition integer,
    "offset" bigint,
    application_id text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    raw bytea NOT NULL,
    event_id text NOT NULL,
    request_id text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE ledger.conflicts IS 'Applications that came under an id which belongs to a different one';

CREATE TABLE ledger.decisions (
    application_id text COLLATE "C" PRIMARY KEY,
    outcome text NOT NULL CHECK (outcome IN ('approved', 'refused', 'review')),
    probability_of_default double precision NOT NULL CHECK (probability_of_default BETWEEN 0 AND 1),
    score smallint NOT NULL CHECK (score BETWEEN 300 AND 850),
    threshold double precision NOT NULL CHECK (threshold BETWEEN 0 AND 1),
    reasons jsonb NOT NULL,
    policy_rule text,
    policy_version text NOT NULL,
    model_name text NOT NULL,
    model_version text NOT NULL,
    model_role text NOT NULL CHECK (model_role IN ('champion', 'challenger')),
    shadow jsonb,
    catalogue_version text NOT NULL,
    channel text,
    submitted_at timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    event_id text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    application_event_id text NOT NULL,
    application_topic text NOT NULL,
    application_partition integer NOT NULL,
    application_offset bigint NOT NULL,
    features_event_id text NOT NULL,
    features_topic text NOT NULL,
    features_partition integer NOT NULL,
    features_offset bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.decisions IS 'The first decision on each application, with what it was made from';

CREATE TABLE ledger.undecided (
    application_id text COLLATE "C" PRIMARY KEY,
    submitted_at timestamptz NOT NULL,
    channel text
);
COMMENT ON TABLE ledger.undecided IS
'Applications without a decision, so that they are found among millions that have one. Two instances that '
'write an application and its decision at the same moment may leave it here: look at decisions, too';

CREATE TABLE ledger.outcomes (
    application_id text COLLATE "C" PRIMARY KEY,
    outcome text NOT NULL CHECK (outcome IN ('repaid', 'defaulted')),
    observed_at timestamptz NOT NULL,
    event_id text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.outcomes IS 'What each loan did, by the latest observation';

CREATE TABLE ledger.dead_letters (
    topic text,
    partition integer,
    "offset" bigint,
    application_id text COLLATE "C",
    stage text NOT NULL,
    error text NOT NULL,
    attempt integer NOT NULL,
    origin_topic text,
    origin_partition integer,
    origin_offset bigint,
    failed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE ledger.dead_letters IS 'Records that a stage refused; their bytes stay in the topic';
"""

# Values of raw are compressed already: trying again would cost time and save nothing. Rows of undecided
# live for milliseconds: vacuuming after a fixed number of them keeps the table small enough to be read whole.
STORAGE = """
ALTER TABLE ledger.applications ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE ledger.conflicts ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE ledger.undecided SET (autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_scale_factor = 0);
"""

# A listing is newest first, of all or by one filter: each order is read from an index, page by page.
INDEXES = """
CREATE INDEX decisions_newest ON ledger.decisions (submitted_at, application_id);
CREATE INDEX decisions_newest_by_channel ON ledger.decisions (channel, submitted_at, application_id);
CREATE INDEX decisions_newest_by_outcome ON ledger.decisions (outcome, submitted_at, application_id);
CREATE INDEX conflicts_by_application ON ledger.conflicts (application_id);
CREATE INDEX dead_letters_by_application ON ledger.dead_letters (application_id, failed_at);
"""


def upgrade() -> None:
    """Make schema, tables and indexes."""
    for statements in (TABLES, STORAGE, INDEXES):
        op.execute(statements)


def downgrade() -> None:
    """Remove the schema and every row in it."""
    op.execute("DROP SCHEMA ledger CASCADE")
