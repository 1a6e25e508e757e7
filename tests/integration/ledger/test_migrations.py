import pytest

from tests.integration.ledger.migrating import migrate
from tests.integration.ledger.reading import LedgerReader

pytestmark = pytest.mark.postgres

RELATIONS = """
SELECT relation.relnamespace::regnamespace::text AS schema, relation.relname AS name
FROM pg_class AS relation
WHERE relation.relkind IN ('r', 'v') AND relation.relnamespace::regnamespace::text IN ('ledger', 'public')
ORDER BY 1, 2
"""
VIEW = """
SELECT
    pg_get_viewdef(oid) AS definition,
    obj_description(oid) AS said,
    (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = oid) AS names,
    (
        SELECT json_agg((atttypid, attcollation) ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = oid
    ) AS types
FROM pg_class WHERE oid = 'application_states'::regclass
"""


def test_up_makes_the_tables_and_the_views_and_down_takes_them_away(empty_database: str) -> None:
    up = migrate(empty_database, "upgrade", "head")
    assert (up.returncode, up.stdout.split()[:2]) == (0, ["applied", "0001"])
    made = [(row["schema"], row["name"]) for row in LedgerReader(empty_database).rows(RELATIONS)]
    assert made == [
        *(
            ("ledger", table)
            for table in ("applications", "conflicts", "dead_letters", "decisions", "outcomes", "undecided")
        ),
        ("public", "alembic_version"),
        *(
            ("public", view)
            for view in ("application_states", "dead_letters", "decision_times", "realised_decisions")
        ),
    ]
    again = migrate(empty_database, "upgrade", "head")
    assert (again.returncode, again.stdout) == (0, "")
    assert migrate(empty_database, "downgrade", "base").returncode == 0
    left = [row["name"] for row in LedgerReader(empty_database).rows(RELATIONS)]
    assert left == ["alembic_version"]


@pytest.mark.parametrize(("before", "after"), [("0002", "0003"), ("0003", "0004")])
def test_down_by_one_and_up_again_changes_what_the_view_shows_and_nothing_else(
    empty_database: str, before: str, after: str
) -> None:
    ledger, found = LedgerReader(empty_database), []
    for step in (("upgrade", before), ("upgrade", after), ("downgrade", before), ("upgrade", after)):
        assert migrate(empty_database, *step).returncode == 0
        found.append(ledger.rows(VIEW)[0])
    assert found[2:] == found[:2]
    assert found[0] != found[1]
    assert (found[0]["names"], found[0]["said"]) == (found[1]["names"], found[1]["said"])
    assert found[0]["said"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "DATABASE_URL: Value error, must be postgresql://"),
        ("somewhere", "DATABASE_URL: Value error, must be postgresql://"),
        ("postgresql://octroi:hidden@127.0.0.1:1/octroi", "PostgreSQL cannot be reached by DATABASE_URL"),
    ],
)
def test_without_a_database_a_sentence_says_what_to_do(url: str, sentence: str) -> None:
    failed = migrate(url, "upgrade", "head")
    assert failed.returncode != 0
    assert sentence in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr
    assert "hidden" not in failed.stdout + failed.stderr
