"""What tests ask of the ledger's tables and view, over a connection of their own."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row


@dataclass(frozen=True)
class LedgerReader:
    """Reads a ledger's database."""

    url: str

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode())

    def count(self, table: str) -> int:
        number: int = self.rows(f"SELECT count(*) AS number FROM ledger.{table}")[0]["number"]  # noqa: S608
        return number

    def state(self, application_id: str) -> dict[str, Any]:
        """Return the one row of the view about an application."""
        [row] = self.rows("SELECT * FROM application_states WHERE application_id = %s", application_id)
        return row

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of all tables, to tell whether anything changed."""
        tables = ("applications", "conflicts", "decisions", "undecided", "outcomes", "dead_letters")
        return {name: self.rows(f"SELECT * FROM ledger.{name} ORDER BY 1, 2, 3") for name in tables}  # noqa: S608


def most_rows(plan: dict[str, Any]) -> float:
    """Return the most rows that any node of a plan has read, whether it gave them on or not."""
    read: float = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return max([read, *(most_rows(part) for part in plan.get("Plans", []))])
