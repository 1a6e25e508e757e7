"""Some hundred rows of a file: checked, named, and packed as they are kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import orjson
import zstandard
from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.gateway.batch_file import IDENTIFIER, Cells, Columns
from services.gateway.problems import FieldProblem
from services.gateway.validation import field_problems

CHANNEL: Final = "batch"
WHOLE_ROW: Final = "row"
"""Stands for the field where the whole row is at fault."""
APPLICATION: Final = "application"
"""Stands for the field where a stage refused the application that a row became."""
LEVEL: Final = 3
"""zstandard: rows of one file are alike, and a tenth is left of them."""
LARGEST_PART: Final = 1024 * 1024 * 1024
TOLD_ROWS: Final = 1_000
"""Rows of a file that are not valid and whose errors are kept: a file of any length has few."""
MOST_ROWS: Final = 10_000_000
"""Rows of a file. Ids have eight digits for the row: what is decided under a longer one is never counted. The
largest file, of 200 MB, has 8 million rows where they are nothing but the columns that must be there."""
ROW_BEGINS: Final = re.compile(r"b-[0-9a-f]{32}\.")
"""How the id of a row's application begins."""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a field of a row."""

    row: int
    place: int
    """Among the errors of its row, from 0."""
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that follow each other in the file. Rows are counted from 1, the header is none."""

    number: int
    first_row: int
    last_row: int
    row_numbers: Sequence[int]
    """Of the valid rows, like `loans` and the lines in `cells`."""
    loans: Sequence[int]
    cells: bytes
    """NDJSON, zstandard."""
    errors: Sequence[RowError]
    """Of the first rows that are not valid, as many as were to be told."""

    @property
    def invalid(self) -> int:
        """Rows that are not valid."""
        return self.last_row - self.first_row + 1 - len(self.row_numbers)


def new_batch_id() -> str:
    """Return an id that no other batch has."""
    return f"b-{uuid4().hex}"


def application_id(batch_id: str, row: int) -> str:
    """Return the id of a row's application: always the same, and in the order of the rows."""
    return f"{batch_id}.{row:08d}"


def is_row(application_id: str) -> bool:
    """Tell whether an id begins as those of rows do: no other application may have it."""
    return ROW_BEGINS.match(application_id) is not None


def make_part(
    number: int, first_row: int, records: Sequence[Sequence[str]], columns: Columns, told: int = TOLD_ROWS
) -> Part:
    """Check each row as an application that is handed in, and pack those that are valid.

    What is wrong with the others is told of the first `told` of them.
    """
    lines: list[bytes] = []
    row_numbers: list[int] = []
    loans: list[int] = []
    errors: list[RowError] = []
    for row, record in enumerate(records, first_row):
        cells, faults = _check(record, row, columns)
        if faults:
            if row - first_row - len(row_numbers) < told:
                errors += _errors(row, faults)
            continue
        lines.append(orjson.dumps(cells))
        row_numbers.append(row)
        loans.append(cells[IDENTIFIER])
    packed = zstandard.compress(b"\n".join(lines), LEVEL)
    return Part(number, first_row, first_row + len(records) - 1, row_numbers, loans, packed, errors)


def unpack_cells(packed: bytes) -> list[Cells]:
    """Return the cells of each valid row."""
    lines = zstandard.decompress(packed, max_output_size=LARGEST_PART)
    return [orjson.loads(line) for line in lines.splitlines()]


def _check(record: Sequence[str], row: int, columns: Columns) -> tuple[Cells, Sequence[FieldProblem]]:
    if len(record) != columns.width:
        message = f"Has {len(record)} cells, the header has {columns.width}"
        return {}, [FieldProblem(field=WHOLE_ROW, message=message)]
    cells = columns.cells(record, row)
    try:
        LoanApplication.model_validate(cells)
    except ValidationError as error:
        return cells, field_problems(LoanApplication, error)
    return cells, ()


def _errors(row: int, faults: Sequence[FieldProblem]) -> list[RowError]:
    return [RowError(row, place, fault.field, _sentence(fault)) for place, fault in enumerate(faults)]


def _sentence(fault: FieldProblem) -> str:
    return f"{fault.message} (allowed: {fault.allowed})" if fault.allowed else fault.message
