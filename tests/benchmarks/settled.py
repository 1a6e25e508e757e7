"""When all who read an application are done with it: the ledger, and monitoring."""

from time import monotonic, sleep

import psycopg

from tests.engine import RunningEngine

RECORDED = """
SELECT least((SELECT count(*) FROM ledger.applications), (SELECT count(*) FROM ledger.decisions))
"""
COUNTED = "SELECT coalesce(sum(rows), 0) FROM monitoring.blocks WHERE segment = 'all'"
TOPICS = 2
"""Monitoring counts a decided application twice: its vector and its decision."""
LOOK_EVERY = 0.5
"""Seconds: to count all of the ledger's tables takes some of PostgreSQL's time."""
PATIENCE = 120.0
"""Seconds."""


class Settled:
    """Looks on as the rows of ledger and monitoring become more."""

    def __init__(self, engine: RunningEngine) -> None:
        self._address = engine.environment["DATABASE_URL"]
        self._recorded, self._counted = self._seen()

    def wait_for(self, more: int) -> None:
        """Return when so many more applications are decided, recorded and counted.

        Raises AssertionError when they do not come.
        """
        self._recorded += more
        self._counted += TOPICS * more
        deadline = monotonic() + PATIENCE
        while not self._reached(seen := self._seen()):
            assert monotonic() < deadline, f"{seen} of {(self._recorded, self._counted)} rows are there"
            sleep(LOOK_EVERY)

    def _reached(self, seen: tuple[int, int]) -> bool:
        return seen[0] >= self._recorded and seen[1] >= self._counted

    def _seen(self) -> tuple[int, int]:
        with psycopg.connect(self._address, autocommit=True) as database:
            return number(database, RECORDED), number(database, COUNTED)


def number(database: psycopg.Connection, asked: str) -> int:
    """Return the one number that is asked for."""
    row = database.execute(asked).fetchone()
    assert row is not None
    return int(row[0])
