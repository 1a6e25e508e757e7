"""A CSV file of applications, read as it arrives: its columns checked at once, its rows as cells."""

import csv
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from types import MappingProxyType
from typing import Any, Final

from services.contracts.application import LoanApplication
from services.gateway.problems import FieldProblem, ProblemError, invalid

Cells = dict[str, Any]
CSV: Final = "text/csv"
IDENTIFIER: Final = "SK_ID_CURR"
TARGET: Final = "TARGET"
"""What a loan did: training tables have it, and no decision may see it."""
LONGEST_RECORD: Final = 64 * 1024
"""Characters. A row of all columns has about 1,000."""
MOST_NAMED: Final = 500
NAME_LENGTH: Final = 80
NEWLINE, QUOTE = "\n", '"'


class CsvRecords:
    """Cuts a stream of bytes into the records of a CSV file; a quoted cell may hold line ends.

    Each character is looked at when it comes, and once more in its record: never again with every chunk.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8-sig")()
        self._rest = StringIO()
        self._is_quoted = False
        self._read = 0
        """Records so far; the first one is the header."""

    def feed(self, data: bytes, *, last: bool = False) -> list[list[str]]:
        """Return the records that are complete. Raises ProblemError for what is no CSV file in UTF-8."""
        try:
            complete = self._complete(self._decoder.decode(data, final=last), last=last)
        except UnicodeDecodeError:
            raise _no_table("Is not UTF-8") from None
        records = list(self._records(complete))
        self._require_length(self._rest.tell())
        return records

    def _records(self, text: str) -> Iterator[list[str]]:
        """Yield the records of a text, none of them too long, and leave out empty lines."""
        length = 0

        def lines() -> Iterator[str]:
            nonlocal length
            for line in StringIO(text, newline=""):
                length += len(line)
                self._require_length(length)
                yield line

        for record in csv.reader(lines()):
            length = 0
            if record:
                self._read += 1
                yield record

    def _require_length(self, length: int) -> None:
        """Raise ProblemError where the record that is being read is too long."""
        if length > LONGEST_RECORD:
            which = f"row {self._read}" if self._read else "the header"
            raise _no_table(
                f"A row has more than {LONGEST_RECORD} characters, {which}: is a quote not closed?"
            )

    def _complete(self, text: str, *, last: bool) -> str:
        """Return the rest and what completes records of this text, and keep what is behind."""
        end = len(text) if last else _end_of_records(text, is_quoted=self._is_quoted)
        self._is_quoted ^= text.count(QUOTE) % 2 == 1
        complete = ""
        if end or last:
            complete = self._rest.getvalue() + text[:end]
            self._rest = StringIO()
        self._rest.write(text[end:])
        return complete


def _end_of_records(text: str, *, is_quoted: bool) -> int:
    """Return where the last complete record ends: behind the last line end that is in no quotes, else 0.

    `is_quoted` tells whether the text begins within quotes.
    """
    end = len(text)
    for quotes, piece in reversed([*enumerate(text.split(QUOTE), start=int(is_quoted))]):
        start = end - len(piece)
        found = piece.rfind(NEWLINE)
        if found >= 0 and quotes % 2 == 0:
            return start + found + 1
        end = start - len(QUOTE)
    return 0


def _no_table(message: str) -> ProblemError:
    return invalid([FieldProblem(field="body", message=message, allowed="CSV in UTF-8 with a header")])


class Columns:
    """The columns of a file, in its order."""

    def __init__(self, header: Sequence[str]) -> None:
        """Check the header. Raises ProblemError naming every column that is missing, unknown or double."""
        names = [name.strip() for name in header]
        faults = [*_missing(names), *_not_ours(names)]
        if faults:
            raise invalid(faults)
        self._read = [(name, CONVERTERS[name]) if name != TARGET else None for name in names]

    @property
    def width(self) -> int:
        """Cells that a row must have."""
        return len(self._read)

    def cells(self, record: Sequence[str], row: int) -> Cells:
        """Return a row's cells, the empty ones left out; without a loan's number the row's stands for it."""
        cells = {
            column[0]: column[1](text)
            for column, text in zip(self._read, record, strict=True)
            if text and column is not None
        }
        cells.setdefault(IDENTIFIER, row)
        return cells


def _missing(names: Sequence[str]) -> list[FieldProblem]:
    required = [name for name, field in LoanApplication.model_fields.items() if field.is_required()]
    missing = [name for name in required if name not in names and name != IDENTIFIER]
    if missing and len(names) == 1:
        return [_no_commas()]
    return [FieldProblem(field=name, message="Column is missing") for name in missing]


def _no_commas() -> FieldProblem:
    return FieldProblem(field="body", message="Has one column", allowed="CSV with commas between the columns")


def _not_ours(names: Sequence[str]) -> list[FieldProblem]:
    known = {*LoanApplication.model_fields, TARGET}
    unknown = [name[:NAME_LENGTH] or "(empty)" for name in names if name not in known]
    twice = [name for name, times in Counter(names).items() if times > 1 and name in known]
    return [
        *(FieldProblem(field=name, message="Unknown column") for name in dict.fromkeys(unknown)),
        *(FieldProblem(field=name, message="Column is there twice") for name in twice),
    ][:MOST_NAMED]


def _number(text: str) -> float | str:
    """Return a number, written as 202500.0 or 1; other text stays, to be refused as such."""
    try:
        return text if "_" in text else float(text)
    except ValueError:
        return text


def _whole(text: str) -> int | float | str:
    number = _number(text)
    try:
        return int(text) if text.isdecimal() else int(number) if _is_whole(number) else number
    except ValueError:
        # Python reads no number of thousands of digits: left as text, it is refused with its row.
        return text


def _is_whole(number: float | str) -> bool:
    return isinstance(number, float) and number.is_integer()


def _word(text: str) -> str:
    return text


def _converters() -> Mapping[str, Callable[[str], Any]]:
    columns = LoanApplication.model_json_schema()["properties"]
    kinds = {name: column.get("anyOf", [column])[0].get("type") for name, column in columns.items()}
    by_name = {name: _word if kind == "string" else _number for name, kind in kinds.items()}
    return MappingProxyType({**by_name, IDENTIFIER: _whole})


CONVERTERS: Final = _converters()
"""How a column's cells are read."""
