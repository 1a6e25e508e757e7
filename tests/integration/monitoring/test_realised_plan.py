"""What the latest outcomes say is read without going through all decisions, however few are a version's."""

from typing import Any

import psycopg
import pytest

from services.monitoring.realised import LATEST
from tests.integration.monitoring.ledger_rows import loans_of, write_to_ledger

pytestmark = pytest.mark.postgres
MOST, LOANS = 20, 5_000
COPIES = """
INSERT INTO ledger.{table}
SELECT (jsonb_populate_record(copied, jsonb_build_object('application_id', 'copy-' || number))).*
FROM ledger.{table} AS copied, generate_series(1, {loans}) AS number WHERE application_id = '7-0'
"""


def rows_of(table: str, plan: dict[str, Any]) -> float:
    """Return how many rows a plan has read of a table, those included that it threw away."""
    own = 0.0
    if plan.get("Relation Name") == table:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_of(table, each) for each in plan.get("Plans", []))


@pytest.mark.parametrize("version", ["7", "8"])
async def test_of_any_version_as_many_rows_are_read_as_outcomes_are_looked_at(
    database_url: str, version: str
) -> None:
    await write_to_ledger(database_url, loans_of("7", upside_down=False, rows=1))
    with psycopg.connect(database_url) as connection:
        for table in ("decisions", "outcomes"):
            connection.execute(COPIES.format(table=table, loans=LOANS).encode())
        connection.execute("ANALYZE ledger.decisions, ledger.outcomes")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {LATEST}".encode()
        asked = {"most": MOST, "version": version}
        [(explained,)] = connection.execute(explain, asked).fetchall()
    assert rows_of("decisions", explained[0]["Plan"]) == MOST
    assert rows_of("outcomes", explained[0]["Plan"]) == MOST
