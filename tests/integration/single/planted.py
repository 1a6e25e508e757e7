"""Rows in the tables of ledger, gateway and monitoring, and whether they are all still there as they were."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from services.contracts.examples import SMALLEST_APPLICATION
from tests.parts import until

Rows = Mapping[str, frozenset[str]]
"""The rows of each table as PostgreSQL writes them."""
NAME = "planted-1"
STATEMENTS = (
    "INSERT INTO ledger.conflicts VALUES ('planted', 0, 0, 'planted-2', now(), '', 'planted')",
    """
    INSERT INTO ledger.dead_letters
    VALUES ('planted', 0, 0, 'planted-2', 'feature', 'planted', 1, 'planted', 0, 0, now())
    """,
    "INSERT INTO ledger.outcomes VALUES ('planted-2', 'repaid', now(), 'planted', 'planted', 0, 0)",
    "INSERT INTO ledger.undecided VALUES ('planted-2', now(), 'planted')",
    """
    INSERT INTO monitoring.alerts (alert_id, rule, subject, severity, summary, raised_at, event)
    VALUES ('planted', 'planted', 'planted', 'warning', 'planted', now(), '{}')
    """,
)
"""What a gateway that runs alone never writes."""
SETTLED = {
    "ledger.applications": 2,
    "ledger.conflicts": 1,
    "ledger.dead_letters": 1,
    "ledger.decisions": 2,
    "ledger.outcomes": 1,
    "ledger.undecided": 1,
    "gateway.batches": 1,
    "gateway.batch_parts": 1,
    "gateway.batch_errors": 3,
    "monitoring.alerts": 1,
}
"""Rows of each table when nothing more is written."""
TABLES = """
SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


@dataclass(frozen=True)
class Planted:
    """What is there before anybody sends a payload."""

    batch_id: str
    rows: Rows


def plant(client: httpx.Client, database: str) -> Planted:
    """Hand in an application and a file, write what else there is, and wait until all of it rests."""
    given = {"application_id": NAME, "channel": "planted", "application": SMALLEST_APPLICATION}
    assert client.post("/v1/applications", json=given).status_code == 202
    file = "AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n96000,150000,-10950\n0,0,0\n"
    sent = client.post("/v1/batches", content=file, headers={"Content-Type": "text/csv"})
    assert sent.status_code == 202, sent.text
    with psycopg.connect(database) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
    address: str = sent.headers["Location"]
    until(lambda: client.get(address).json()["state"] == "done", "the batch to be done")
    until(lambda: SETTLED.items() <= counts(database).items(), f"tables with {SETTLED}")
    return Planted(address.rpartition("/")[2], rows(database))


def counts(database: str) -> dict[str, int]:
    """Return how many rows each table has."""
    return {table: len(kept) for table, kept in rows(database).items()}


def rows(database: str) -> Rows:
    """Return all rows of all tables."""
    with psycopg.connect(database) as connection:
        return {
            f"{schema}.{table}": frozenset(
                str(row)
                for (row,) in connection.execute(
                    SQL("SELECT each::text FROM {} AS each").format(Identifier(schema, table))
                )
            )
            for schema, table in connection.execute(TABLES).fetchall()
        }


def lost(before: Rows, after: Rows) -> list[str]:
    """Return the tables that are gone, and those with rows that are gone or no longer the same."""
    return [table for table, kept in before.items() if table not in after or kept - after[table]]
