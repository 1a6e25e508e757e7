"""Monitoring's own tables: blocks of the rolling windows, history of ticks, alerts and reports.

Blocks hold counts, never an application's own numbers.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE SCHEMA monitoring;

CREATE TABLE monitoring.positions (
    topic text,
    partition integer,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE monitoring.positions IS 'Up to where each partition has been counted, in that transaction';

CREATE TABLE monitoring.blocks (
    topic text NOT NULL,
    partition integer NOT NULL,
    grain text NOT NULL CHECK (grain IN ('block', 'part', 'hour')),
    block bigint NOT NULL,
    model_version text NOT NULL,
    segment text NOT NULL,
    challenger text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    rows integer NOT NULL,
    tally bytea NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (topic, partition, grain, block, model_version, segment, challenger)
);
COMMENT ON COLUMN monitoring.blocks.block IS 'Ten minutes since 1970 << 40, + offset / 256; or which span';
COMMENT ON COLUMN monitoring.blocks.challenger IS 'Version that was heard in shadow; empty where none was';
COMMENT ON COLUMN monitoring.blocks.changed IS 'Rises with every change: a reader fetches what is new';
CREATE SEQUENCE monitoring.changes;
CREATE INDEX blocks_oldest ON monitoring.blocks (grain, last_at);

CREATE TABLE monitoring.windows (
    period text,
    segment text,
    model_version text NOT NULL,
    at timestamptz NOT NULL,
    summary jsonb NOT NULL,
    features bytea NOT NULL,
    PRIMARY KEY (period, segment)
);
COMMENT ON TABLE monitoring.windows IS 'Each window as it was at the last tick';

CREATE TABLE monitoring.ticks (
    grain text NOT NULL CHECK (grain IN ('raw', 'hour')),
    at timestamptz NOT NULL,
    period text NOT NULL,
    segment text NOT NULL,
    model_version text NOT NULL,
    summary jsonb NOT NULL,
    PRIMARY KEY (period, segment, grain, at)
);
COMMENT ON TABLE monitoring.ticks IS 'A summary of each window at each tick; of an hour, its last one';
COMMENT ON COLUMN monitoring.ticks.period IS 'The window: last-5000, 1h, 24h or 7d';

CREATE TABLE monitoring.alerts (
    alert_id text PRIMARY KEY,
    rule text NOT NULL,
    subject text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('information', 'warning', 'critical')),
    value double precision,
    threshold double precision,
    summary text NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledged_reason text,
    silenced_until timestamptz,
    event jsonb NOT NULL,
    published_at timestamptz
);
COMMENT ON COLUMN monitoring.alerts.subject IS 'The feature or figure that the rule was about';
CREATE UNIQUE INDEX alerts_firing ON monitoring.alerts (rule, subject) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON monitoring.alerts (raised_at);

CREATE TABLE monitoring.reports (
    report_id text PRIMARY KEY,
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'running', 'done', 'failed')),
    finished_at timestamptz,
    model_version text,
    rows integer,
    drifted integer,
    results jsonb,
    run_id text,
    artifact text,
    error text
);
CREATE INDEX reports_newest ON monitoring.reports (requested_at);

CREATE TABLE monitoring.trainings (
    training_id text PRIMARY KEY,
    requested_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'running', 'done', 'failed')),
    started_at timestamptz,
    finished_at timestamptz,
    exit_code integer,
    said text
);
COMMENT ON TABLE monitoring.trainings IS 'Trainings that alerts asked for, each by the id of its alert';
"""

DEAD_LETTERS = """
CREATE VIEW public.dead_letters AS
SELECT topic, partition, "offset", application_id, stage, error, attempt, origin_topic, origin_partition,
       origin_offset, failed_at
FROM ledger.dead_letters;

CREATE VIEW public.realised_decisions AS
SELECT decision.application_id, decision.outcome, decision.probability_of_default, decision.score,
       decision.threshold, decision.model_version, decision.channel, decision.decided_at,
       observed.outcome AS observed, observed.observed_at
FROM ledger.outcomes AS observed
JOIN ledger.decisions AS decision USING (application_id);
"""


DECISIONS = """
CREATE VIEW public.decision_times AS
SELECT application_id, submitted_at, decided_at, outcome, model_version FROM ledger.decisions;
"""


def upgrade() -> None:
    """Make schema, tables and views."""
    for statements in (TABLES, DEAD_LETTERS, DECISIONS):
        op.execute(statements)


def downgrade() -> None:
    """Remove them and every row in them."""
    op.execute("DROP VIEW public.decision_times")
    op.execute("DROP VIEW public.realised_decisions")
    op.execute("DROP VIEW public.dead_letters")
    op.execute("DROP SCHEMA monitoring CASCADE")
