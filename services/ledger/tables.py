"""The ledger's tables: which rows each takes, in what order, by which statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from services.ledger.applications import Application
from services.ledger.arrays import BY_TYPE, Array
from services.ledger.dead_letters import DeadLetter
from services.ledger.decisions import Decision
from services.ledger.handler import Row
from services.ledger.outcomes import LoanOutcome

BY_APPLICATION = attrgetter("application_id")
BY_POSITION = attrgetter("topic", "partition", "offset")
Columns = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, the rows it takes and the statement that adds them."""

    name: str
    row: type[Row]
    insert: bytes
    key: Callable[[Row], Any]
    """Sorts rows as the primary key does, so that instances never wait for each other in a circle."""


def statement(name: str) -> bytes:
    """Return the text of sql/<name>.sql."""
    return (Path(__file__).with_name("sql") / f"{name}.sql").read_bytes()


def tables() -> tuple[Table, ...]:
    """Return the tables that take rows of a batch, in the order in which it is written.

    Decisions come first, so that an application of the same batch is not noted as waiting for its own.
    """
    return (
        Table("decisions", Decision, statement("insert_decisions"), BY_APPLICATION),
        Table("applications", Application, statement("insert_applications"), BY_APPLICATION),
        Table("outcomes", LoanOutcome, statement("upsert_outcomes"), BY_APPLICATION),
        Table("dead_letters", DeadLetter, statement("insert_dead_letters"), BY_POSITION),
    )


def columns(rows: Sequence[Row]) -> Columns:
    """Return an array per field of the rows, which are of one type and at least one."""
    fields = zip(rows[0].__annotations__.items(), zip(*rows, strict=True), strict=True)
    return {name: BY_TYPE[kind](column) for (name, kind), column in fields}
