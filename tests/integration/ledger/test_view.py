import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from services.contracts.examples import APPLICATION, EXAMPLES, SMALLEST_APPLICATION
from services.kit.packing import unpacked
from services.kit.records import Emit, Record
from services.ledger.book import Book
from services.ledger.handler import LedgerHandler
from tests.integration.ledger.booking import open_book
from tests.integration.ledger.migrating import new_database
from tests.integration.ledger.reading import LedgerReader, most_rows
from tests.unit.ledger.records import (
    application_record,
    dead_letter_record,
    decision_record,
    outcome_record,
    submitted,
)

pytestmark = pytest.mark.postgres

DECISION: dict[str, Any] = EXAMPLES["ApplicationDecided.v1"][0]
CORRECTED = 2
"""Last digit of the applications in the crowded ledger that were corrected."""
LISTING = """
SELECT application_id FROM application_states
WHERE {condition} ORDER BY submitted_at DESC, application_id DESC LIMIT 10
"""


async def write(book: Book, *records: Record) -> None:
    results = LedgerHandler()(records)
    await book.write([row for each in results if isinstance(each, Emit) for row in each.items])


async def test_an_application_is_received_until_it_is_decided(book: Book, ledger: LedgerReader) -> None:
    await write(book, application_record(submitted("web-1"), 4, headers=(("ce_requestid", b"r-1"),)))
    row = ledger.state("web-1")
    assert (row["state"], row["channel"], row["contract_type"]) == ("received", "web", "Cash loans")
    assert (row["request_id"], row["application_event_id"]) == ("r-1", "loan.applications.v1:1:4")
    assert (row["application_topic"], row["application_partition"], row["application_offset"]) == (
        "loan.applications.v1",
        1,
        4,
    )
    assert [row[name] for name in ("outcome", "score", "reasons", "decided_at", "error")] == [None] * 5
    await write(book, decision_record("web-1", 5))
    assert ledger.state("web-1")["state"] == "decided"


async def test_a_decided_application_shows_the_decision_and_its_lineage(
    book: Book, ledger: LedgerReader
) -> None:
    await write(book, application_record(submitted("web-1")), decision_record("web-1", 5))
    row = ledger.state("web-1")
    same = (
        "outcome",
        "probability_of_default",
        "score",
        "threshold",
        "reasons",
        "catalogue_version",
        "channel",
    )
    assert {name: row[name] for name in same} == {name: DECISION[name] for name in same}
    assert {name: row[f"model_{name}"] for name in ("name", "version", "role")} == DECISION["model"]
    for record in ("application", "features"):
        place = DECISION["lineage"][record]
        prefix = "decided_application" if record == "application" else "features"
        assert {name: row[f"{prefix}_{name}"] for name in place} == place
    assert (row["decision_event_id"], row["decision_topic"]) == ("loan.features.v1:1:5", "loan.decisions.v1")
    assert (row["decision_partition"], row["decision_offset"]) == (1, 5)
    assert row["computed_at"] <= row["decided_at"] <= row["recorded_at"]


async def test_a_decision_that_is_written_first_shows_when_its_application_does(
    book: Book, ledger: LedgerReader
) -> None:
    await write(book, decision_record("web-1"))
    assert ledger.rows("SELECT * FROM application_states") == []
    await write(book, application_record(submitted("web-1")))
    assert ledger.state("web-1")["state"] == "decided"
    assert ledger.count("undecided") == 0


async def test_the_newest_dead_letter_says_why_an_application_is_dead(
    book: Book, ledger: LedgerReader
) -> None:
    value = submitted("web-1")
    later = {"octroi_failed_at": b"2026-03-31T13:00:00+00:00", "octroi_error": b"later"}
    await write(book, dead_letter_record(value, 1, **later), dead_letter_record(value, 2))
    await write(book, application_record(value))
    row = ledger.state("web-1")
    assert (row["state"], row["error"], row["dead_stage"]) == ("dead", "later", "feature")


async def test_a_decision_stands_above_a_dead_letter(book: Book, ledger: LedgerReader) -> None:
    value = submitted("web-1")
    await write(book, application_record(value), dead_letter_record(value), decision_record("web-1"))
    row = ledger.state("web-1")
    assert (row["state"], row["error"], row["dead_stage"]) == ("decided", None, None)


def decision_on(application_id: str, offset: int, decided_on: Record, **known: object) -> Record:
    """Return a decision that names the record of the application that it was made on."""
    topic, partition = decided_on.partition
    position = {"event_id": "e-2", "topic": topic, "partition": partition, "offset": decided_on.offset}
    lineage = {**DECISION["lineage"], "application": position}
    return decision_record(application_id, offset, lineage=lineage, **known)


@pytest.mark.parametrize("named", ["corrected", "first"])
async def test_a_decided_application_shows_the_record_that_was_decided_on(
    book: Book, ledger: LedgerReader, named: str
) -> None:
    broken = {**APPLICATION, "AMT_CREDIT": "much", "NAME_CONTRACT_TYPE": "Revolving loans"}
    first = application_record(
        submitted("web-1", application=broken), 1, headers=(("ce_id", b"e-1"), ("ce_requestid", b"r-1"))
    )
    second = application_record(submitted("web-1"), 2, headers=(("ce_id", b"e-2"),))._replace(
        timestamp=10**12
    )
    await write(book, first, dead_letter_record(first.value), second)
    before = ledger.state("web-1")
    assert (before["state"], before["application_event_id"]) == ("dead", "e-1")
    decided_on = second if named == "corrected" else first
    await write(book, decision_on("web-1", 5, decided_on))
    row = ledger.state("web-1")
    assert (row["state"], row["error"], row["application_offset"]) == ("decided", None, decided_on.offset)
    assert unpacked(row["raw"]) == decided_on.value
    assert row["received_at"] == decided_on.time()
    expected = ("e-2", None, "Cash loans") if named == "corrected" else ("e-1", "r-1", "Revolving loans")
    assert (row["application_event_id"], row["request_id"], row["contract_type"]) == expected
    assert ledger.count("conflicts") == 1


async def test_a_decision_that_names_a_record_of_another_application_shows_nothing_of_it(
    book: Book, ledger: LedgerReader
) -> None:
    foreign = application_record(submitted("web-2", application=SMALLEST_APPLICATION), 2)
    await write(book, application_record(submitted("web-2"), 1), foreign)
    await write(book, application_record(submitted("web-1"), 3), decision_on("web-1", 5, foreign))
    assert ledger.state("web-1")["application_offset"] == 3


async def test_a_refused_outcome_does_not_make_an_application_dead(book: Book, ledger: LedgerReader) -> None:
    letter = dead_letter_record(b"not JSON", key=b"web-1", octroi_origin_topic=b"loan.outcomes.v1")
    await write(book, application_record(submitted("web-1")), letter)
    assert ledger.state("web-1")["state"] == "received"


async def test_what_the_loan_did_shows_when_it_is_known(book: Book, ledger: LedgerReader) -> None:
    await write(book, application_record(submitted("web-1")), decision_record("web-1"))
    assert ledger.state("web-1")["outcome_observed"] is None
    await write(book, outcome_record("web-1", "defaulted", "2027-03-31T00:00:00Z"))
    row = ledger.state("web-1")
    assert (row["outcome_observed"], row["observed_at"].year) == ("defaulted", 2027)


async def test_a_leftover_among_the_undecided_does_not_show_twice(book: Book, ledger: LedgerReader) -> None:
    await write(book, application_record(submitted("web-1")), decision_record("web-1"))
    ledger.execute("INSERT INTO ledger.undecided VALUES ('web-1', now(), 'web')")
    assert ledger.state("web-1")["state"] == "decided"


@pytest.fixture(scope="module")
def crowded(postgres_url: str, template: str) -> Iterator[LedgerReader]:
    """A ledger of 5,000 applications, a second apart; one in a thousand undecided, one in 500 for review.

    One in ten was corrected after it had been refused.
    """
    with new_database(postgres_url, template) as url:
        asyncio.run(fill(url))
        reader = LedgerReader(url)
        reader.execute("ANALYZE ledger.applications, ledger.conflicts, ledger.decisions, ledger.undecided")
        yield reader


async def fill(url: str) -> None:
    async with open_book(url) as book:
        for start in range(0, 5000, 1000):
            await write(book, *(record for n in range(start, start + 1000) for record in about(n)))


def about(n: int) -> list[Record]:
    name, moment = f"web-{n:05}", f"2026-03-31T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"
    known: dict[str, Any] = {"channel": ("web", "branch")[n % 2], "submitted_at": moment}
    application = application_record(submitted(name, application=SMALLEST_APPLICATION, **known), n)
    if n % 1000 == 1:
        return [application]
    outcome = "review" if n % 500 == 0 else ("approved", "refused")[n % 3 == 0]
    if n % 10 != CORRECTED:
        return [application, decision_record(name, n, outcome=outcome, **known)]
    second = application_record(submitted(name, **known), 5000 + n)
    return [application, second, decision_on(name, n, second, outcome=outcome, **known)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("TRUE", [4999, 4998, 4997, 4996, 4995, 4994, 4993, 4992, 4991, 4990]),
        ("channel = 'branch'", [4999, 4997, 4995, 4993, 4991, 4989, 4987, 4985, 4983, 4981]),
        ("outcome = 'review'", [4500, 4000, 3500, 3000, 2500, 2000, 1500, 1000, 500, 0]),
        ("state = 'received'", [4001, 3001, 2001, 1001, 1]),
        ("state = 'dead'", []),
        ("state = 'received' AND channel = 'web'", []),
        (
            "(submitted_at, application_id) < ('2026-03-31T00:00:05Z', 'web-00005')",
            [4, 3, 2, 1, 0],
        ),
    ],
)
def test_a_listing_is_newest_first_and_reads_no_more_than_its_page(
    crowded: LedgerReader, condition: str, expected: list[int]
) -> None:
    query = LISTING.format(condition=condition)
    assert [row["application_id"] for row in crowded.rows(query)] == [f"web-{n:05}" for n in expected]
    assert "conflicts" not in relations(plan := plan_of(crowded, query))
    assert most_rows(plan) <= 100


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM application_states WHERE application_id = ANY(ARRAY['web-04991', 'web-04992'])",
        "SELECT * FROM application_states ORDER BY submitted_at DESC, application_id DESC LIMIT 10",
    ],
    ids=["by-ids", "page"],
)
def test_what_was_decided_on_is_read_by_its_place_and_not_from_all_conflicts(
    crowded: LedgerReader, query: str
) -> None:
    shown = {row["application_id"]: row["application_offset"] for row in crowded.rows(query)}
    assert (shown["web-04991"], shown["web-04992"]) == (4991, 9992)
    assert "conflicts" in relations(plan := plan_of(crowded, query))
    assert most_rows(plan) <= 100


def plan_of(ledger: LedgerReader, query: str) -> dict[str, Any]:
    """Run a query and return its plan."""
    [explained] = ledger.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
    plan: dict[str, Any] = explained["QUERY PLAN"][0]["Plan"]
    return plan


def relations(plan: dict[str, Any]) -> set[str]:
    """Return the names of the tables that a plan reads."""
    return {plan.get("Relation Name", "")}.union(*(relations(part) for part in plan.get("Plans", [])))
