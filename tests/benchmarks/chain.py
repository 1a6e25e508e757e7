"""The whole chain: applications wait in the topic, services start, rows arrive in PostgreSQL."""

from collections.abc import Sequence
from time import monotonic, sleep

import psycopg

from services.kit.settings import KafkaSettings
from services.replay.sending import cycled
from services.scorecard.table import Cells
from tests.benchmarks.preload import preload
from tests.engine import RunningEngine

STAGES = ("feature", "scoring", "ledger")
LAST = """
SELECT (SELECT count(*) FROM ledger.applications WHERE application_id = %(last)s)
     + (SELECT count(*) FROM ledger.decisions WHERE application_id = %(last)s)
"""
"""Cheap, so that asking for it takes nothing from what is measured."""
DECIDED = """
SELECT (SELECT count(*) FROM ledger.applications WHERE application_id LIKE %(run)s),
       (SELECT count(*) FROM ledger.decisions WHERE application_id LIKE %(run)s)
"""


def chain(engine: RunningEngine, rows: Sequence[Cells], run: str, count: int) -> float:
    """Return applications per second from the start of the processes to application and decision as rows."""
    supervisor = engine.engine.supervisor
    for stage in STAGES:
        supervisor.stop(stage)
    last = preload(KafkaSettings(bootstrap_servers=engine.bootstrap), cycled(list(rows), count), run)
    with psycopg.connect(engine.environment["DATABASE_URL"], autocommit=True) as ledger:
        begun = monotonic()
        for stage in STAGES:
            supervisor.begin(stage)
        while ledger.execute(LAST, {"last": last}).fetchone() != (2,):
            sleep(0.02)
        while ledger.execute(DECIDED, {"run": f"{run}.%"}).fetchone() != (count, count):
            sleep(0.02)
        return count / (monotonic() - begun)
