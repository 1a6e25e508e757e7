"""The database: tables and views with the comments that migrations gave them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import psycopg

from infra.documents.tables import code, table

COLUMNS: Final = """
SELECT n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class'), a.attname,
       format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(c.oid, a.attnum)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname !~ '^(pg_|information_schema$)' AND NOT c.relispartition
ORDER BY 1, a.attnum
"""


def database_page(url: str) -> str:
    """Return the page, of a database with all migrations."""
    with psycopg.connect(url) as database:
        found = database.execute(COLUMNS).fetchall()
    parts = [
        "# Database",
        "Analysts read `public.application_states`; what is in the other schemas is their services' own.",
    ]
    for name, columns in groupby(found, key=lambda row: str(row[0])):
        rows = list(columns)
        parts += [f"## {name}", rows[0][1] or "", table(("Column", "Type", ""), _rows(rows))]
    return "\n\n".join(parts) + "\n"


def _rows(columns: list[tuple[str, str, str, str, bool, str | None]]) -> Iterator[tuple[str, str, str]]:
    for _, _, column, kind, needed, comment in columns:
        yield code(column), kind + ("" if needed else ", may be null"), comment or ""
