"""A batch of records in, the rows they become out."""

from collections.abc import Callable, Mapping, Sequence

from services.contracts.codec import ContractError
from services.contracts.topics import APPLICATIONS, DEAD_LETTERS, DECISIONS, OUTCOMES
from services.kit.packing import packer
from services.kit.records import Emit, Record, Reject
from services.ledger.applications import Application, application_row
from services.ledger.dead_letters import DeadLetter, dead_letter_row
from services.ledger.decisions import Decision, decision_row
from services.ledger.outcomes import LoanOutcome, outcome_row

Row = Application | Decision | LoanOutcome | DeadLetter


class LedgerHandler:
    """Turns records of the ledger's topics into rows; refuses broken decisions and outcomes."""

    def __init__(self) -> None:
        self._pack = packer()
        self._readers: Mapping[str, Callable[[Record], Row | None]] = {
            DECISIONS.name: decision_row,
            OUTCOMES.name: outcome_row,
            DEAD_LETTERS.name: dead_letter_row,
        }

    @property
    def topics(self) -> Sequence[str]:
        """The topics it reads."""
        return [APPLICATIONS.name, *self._readers]

    def __call__(self, records: Sequence[Record]) -> list[Emit[Row] | Reject]:
        """Return a row for each record, none for one that is passed over, or why it is refused."""
        return [self._read(*each) for each in zip(records, self._packed(records), strict=True)]

    def _packed(self, records: Sequence[Record]) -> list[bytes | None]:
        """Return the applications' values, packed, and None for all else.

        All at once: between other work on each record, packing costs half as much again.
        """
        return [
            self._pack(record.value) if record.value and record.partition.topic == APPLICATIONS.name else None
            for record in records
        ]

    def _read(self, record: Record, packed: bytes | None) -> Emit[Row] | Reject:
        try:
            row = self._row(record, packed)
        except ContractError as error:
            return Reject(str(error))
        return Emit(() if row is None else (row,))

    def _row(self, record: Record, packed: bytes | None) -> Row | None:
        if record.partition.topic == APPLICATIONS.name:
            return None if packed is None else application_row(record, packed)
        return self._readers[record.partition.topic](record)
