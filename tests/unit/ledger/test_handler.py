from collections.abc import Sequence

from services.contracts.topics import DECISIONS, OUTCOMES
from services.kit.packing import unpacked
from services.kit.records import Emit, Partition, Record, Reject
from services.ledger.applications import Application
from services.ledger.dead_letters import DeadLetter
from services.ledger.decisions import Decision
from services.ledger.handler import LedgerHandler, Row
from services.ledger.outcomes import LoanOutcome
from tests.unit.ledger.records import (
    NOON,
    application_record,
    dead_letter_record,
    decision_record,
    outcome_record,
    submitted,
)

BATCH = [
    application_record(submitted("web-1")),
    application_record(b"not JSON"),
    decision_record("web-1"),
    outcome_record("web-1", "repaid", "2027-03-31T00:00:00Z"),
    dead_letter_record(b"not JSON"),
    Record(Partition(DECISIONS.name, 0), 0, NOON, b"web-1", b"not JSON"),
    Record(Partition(OUTCOMES.name, 0), 0, NOON, b"web-1", b'{"application_id": "web-1"}'),
]


def kinds(results: Sequence[Emit[Row] | Reject]) -> list[object]:
    return [
        type(result.items[0]) if isinstance(result, Emit) and result.items else result for result in results
    ]


def test_each_record_becomes_a_row_of_its_table_or_is_passed_over_or_refused() -> None:
    results = LedgerHandler()(BATCH)
    assert kinds(results[:5]) == [Application, Emit(()), Decision, LoanOutcome, DeadLetter]
    assert all(isinstance(result, Reject) and result.error for result in results[5:])


def test_an_application_is_kept_byte_by_byte() -> None:
    values = [b' {"application_id" : "web-1", "application": {"b": 1.0, "a": [ ]}}\n', submitted("web-2")]
    results = LedgerHandler()([application_record(values[0]), *BATCH[1:], application_record(values[1])])
    rows = [row for result in results if isinstance(result, Emit) for row in result.items]
    assert [unpacked(row.raw) for row in rows if isinstance(row, Application)] == values


def test_a_broken_application_is_left_to_the_feature_stage_to_refuse() -> None:
    unknown_version = application_record(submitted("web-1"), headers=(("ce_type", b"of.another.v1"),))
    results = LedgerHandler()([application_record(None), application_record(b"{}"), unknown_version])
    assert results[:2] == [Emit(()), Emit(())]
    assert kinds(results[2:]) == [Application]


def test_the_same_records_give_the_same_results_in_any_company() -> None:
    handler = LedgerHandler()
    together = handler(BATCH)
    assert handler(BATCH) == together
    assert [result for record in reversed(BATCH) for result in handler([record])] == together[::-1]


def test_it_reads_all_that_the_book_is_about() -> None:
    assert list(LedgerHandler().topics) == [
        "loan.applications.v1",
        "loan.decisions.v1",
        "loan.outcomes.v1",
        "loan.dead-letters.v1",
    ]


def test_an_outcome_says_what_the_loan_did() -> None:
    [result] = LedgerHandler()([outcome_record("web-1", "defaulted", "2027-03-31T00:00:00Z", 3)])
    assert isinstance(result, Emit)
    [row] = result.items
    assert isinstance(row, LoanOutcome)
    assert (row.application_id, row.outcome, row.observed_at.year) == ("web-1", "defaulted", 2027)
    assert (row.event_id, row.offset) == ("loan.outcomes.v1:1:3", 3)
