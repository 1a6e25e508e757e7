import re

import pytest

from services.kit.records import Emit
from services.ledger.handler import LedgerHandler, Row
from services.ledger.tables import Table, columns, statement, tables
from tests.unit.ledger.records import (
    application_record,
    dead_letter_record,
    decision_record,
    outcome_record,
    submitted,
)

RECORDS = [
    decision_record("web-1"),
    application_record(submitted("web-1")),
    outcome_record("web-1", "repaid", "2027-03-31T00:00:00Z"),
    dead_letter_record(None),
]


def rows() -> list[Row]:
    return [row for result in LedgerHandler()(RECORDS) if isinstance(result, Emit) for row in result.items]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_the_statement_takes_every_field_of_the_rows(table: Table) -> None:
    [row] = [row for row in rows() if isinstance(row, table.row)]
    taken = set(re.findall(r"%\((\w+)\)b", table.insert.decode()))
    assert taken == set(columns([row]))


@pytest.mark.parametrize("name", ["insert_conflicts", "select_known_applications"])
def test_a_statement_about_applications_takes_their_fields_only(name: str) -> None:
    [application] = LedgerHandler()([RECORDS[1]])
    assert isinstance(application, Emit)
    assert set(re.findall(r"%\((\w+)\)b", statement(name).decode())) <= set(columns(application.items))
