"""Tables of applications: a CSV file in constant memory, as columns for the catalogue or as cells."""

import csv as text
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from services.contracts.application import LoanApplication
from services.scorecard.ahead import made_ahead
from services.scorecard.columns import CATEGORY_COLUMNS, IDENTIFIER, NUMBER_COLUMNS, Columns, columns_from
from services.scorecard.ranges import allowed_numbers, allowed_words
from services.scorecard.words import MISSING, UNKNOWN, codes_of_words

Cells = dict[str, Any]
"""One application's cells by column, the empty ones left out."""

BLOCK_BYTES: Final = 2 * 1024 * 1024
"""Read at a time: about 4,000 applications, few enough to stay in the processors' caches."""
COLUMNS: Final = tuple(LoanApplication.model_fields)
_MOST_NAMED: Final = 5
"""Columns, in a message: a table of another kind lacks all of them."""
# Anchored: what follows quotes the cell or the row, which may hold anything.
_SAYS: Final = re.compile(
    r"(?:In CSV column #(\d+)|CSV parse error): Row #(\d+): (?:CSV conversion error to .*?: )?(.*)", re.DOTALL
)
_WORD: Final = pa.dictionary(pa.int32(), pa.string())


class TableError(ValueError):
    """A table is not one of applications; the message names the column and the cure."""


def read_batches(source: Path | BinaryIO, *, include: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Yield a CSV file's rows in batches: the application's columns, then the numbers `include`.

    Other columns are kept out. The next blocks are read, on all processors, while a batch is worked on.
    Raises TableError when a column is missing or doubled, or a cell is of the wrong type.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from read_batches(file, include=include)
        return
    names = _header(source, include)
    source.readline()
    for batches in made_ahead(partial(_batches, names, include), _blocks(source)):
        yield from batches


def _blocks(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines, with the number of the first of them: the names stand in line 1."""
    first_line = 2
    while block := source.read(BLOCK_BYTES):
        block += source.readline()
        yield first_line, block
        first_line += block.count(b"\n")


def _batches(
    names: Sequence[str], include: Sequence[str], numbered: tuple[int, bytes]
) -> list[pa.RecordBatch]:
    """Read whole lines: one batch, none where all of them are empty."""
    first_line, block = numbered
    types = {IDENTIFIER: pa.int64()} | dict.fromkeys(CATEGORY_COLUMNS, _WORD)
    wanted = [*COLUMNS, *include]
    options = csv.ConvertOptions(
        include_columns=wanted,
        column_types={name: types.get(name, pa.float64()) for name in wanted},
        null_values=[""],
        strings_can_be_null=True,
    )
    reading = csv.ReadOptions(use_threads=False, block_size=len(block), column_names=names)
    try:
        table = csv.read_csv(pa.BufferReader(block), reading, convert_options=options)
    except pa.ArrowInvalid as error:
        raise TableError(_named(str(error), names, partial(_line_of, block, first_line))) from error
    batches: list[pa.RecordBatch] = table.to_batches()
    return batches


def check_header(file: Path) -> None:
    """Raise TableError when a file's first line is not one of a table; OSError when there is no file."""
    with file.open("rb") as source:
        _header(source, ())


def _header(source: BinaryIO, include: Sequence[str]) -> list[str]:
    """Return the names in the first line and go back to it.

    Raises TableError when there is no such line, or a column is missing or stands there twice.
    """
    line = source.readline(1024 * 1024).decode("utf-8-sig", errors="replace")
    source.seek(0)
    try:
        names = next(text.reader([line]), [])
    except text.Error as error:
        raise TableError(
            "is no CSV table: its first line cannot be read; save it as text with commas between the columns "
            "and lines that end in LF or CR LF"
        ) from error
    if len(names) == 1:
        raise TableError("the file has one column: it must be a CSV file with commas between the columns")
    _check_names(names, include)
    return names


def _check_names(names: Sequence[str], include: Sequence[str]) -> None:
    """Raise TableError where a column that will be read does not stand there once."""
    wanted = (*COLUMNS, *include)
    missing = [name for name in wanted if name not in names]
    if missing:
        raise TableError(
            f"the table lacks {_listed(missing)}; "
            f"its first line must have the {len(COLUMNS)} names of the contract"
            f"{''.join(f' and {name}' for name in include)}"
        )
    doubled = [name for name in wanted if names.count(name) > 1]
    if doubled:
        raise TableError(f"the first line has {_listed(doubled)} more than once; leave one column of a name")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return f"{', '.join(names[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _line_of(block: bytes, first_line: int, row: int) -> int:
    """Return the line of the file that a block's row stands in: Arrow passes over empty lines uncounted."""
    filled = (place for place, line in enumerate(block.splitlines(), first_line) if line)
    return next(islice(filled, row - 1, None), first_line)


def _named(message: str, names: Sequence[str], line_of: Callable[[int], int]) -> str:
    """Return Arrow's message with the name of the column that it only numbers, and the line in the file."""
    found = _SAYS.match(message)
    if found is None:
        return f"is no CSV table: {message}"
    column, row, wrong = found.groups()
    line = f"line {line_of(int(row))}"
    if column is None:
        return f"is no CSV table: {line}: {wrong}"
    name = names[int(column)]
    # Whether a column beside the application's may be empty, only whoever asked for it knows.
    optional = name in COLUMNS and not LoanApplication.model_fields[name].is_required()
    return f"{name}: {wrong} in {line}; correct the cell{' or leave it empty' if optional else ''}"


def columns_of_batch(batch: pa.RecordBatch) -> Columns:
    """Turn a batch into the columns that `columns_of` makes of the same applications.

    Raises TableError for the first cell that the contract does not allow.
    """
    columns = {name: _numbers(batch, name) for name in (IDENTIFIER, *NUMBER_COLUMNS)}
    for name, allowed in allowed_numbers().items():
        offence = allowed.first_offence(columns[name])
        if offence is not None:
            identifier = batch.column(IDENTIFIER)[offence].as_py()
            raise TableError(f"{name}: must be {allowed} ({IDENTIFIER} {identifier}); correct the cell")
    numbers = np.stack([columns[name] for name in NUMBER_COLUMNS])
    codes = np.stack([_codes(batch, name) for name in CATEGORY_COLUMNS])
    return columns_from(numbers, codes, {})


def _numbers(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = batch.column(name).to_numpy(zero_copy_only=False)
    return values


def _codes(batch: pa.RecordBatch, name: str) -> NDArray[np.int16]:
    column = batch.column(name)
    known = codes_of_words(name)
    words = column.dictionary.to_pylist()
    codes = np.array([known.get(word, UNKNOWN) for word in words] + [MISSING], dtype=np.int16)
    allowed = allowed_words().get(name)
    if allowed is not None and not allowed.issuperset(words):
        raise TableError(f"{name}: must be one of {', '.join(sorted(allowed))}, or empty; correct the cell")
    places = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    by_row: NDArray[np.int16] = codes[places]
    return by_row


def identifiers_of(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Return the loans' numbers, shape (rows,)."""
    identifiers: NDArray[np.int64] = batch.column(IDENTIFIER).to_numpy()
    return identifiers


def cells_of(batch: pa.RecordBatch) -> list[Cells]:
    """Return each row's cells as LoanApplication takes them."""
    rows = batch.select(COLUMNS).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
