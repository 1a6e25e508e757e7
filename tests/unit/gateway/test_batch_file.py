"""How a CSV file is cut, checked and named."""

import csv
import re
import sys
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import StringIO
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.application import LoanApplication
from services.gateway.batch_file import LONGEST_RECORD, Columns, CsvRecords
from services.gateway.batch_intake import Intake, Upload
from services.gateway.batch_part import (
    MOST_ROWS,
    application_id,
    is_row,
    make_part,
    new_batch_id,
    unpack_cells,
)
from services.gateway.batch_rows import PART_MEMORY, Rows
from services.gateway.batch_work_queries import COUNT_ALL, NOTE_REFUSALS
from services.gateway.problems import ProblemError
from services.gateway.reading import APPLICATION_ID
from services.kit.errors import UnavailableError
from tests.unit.gateway.fakes import FakeGateway

HEADER = ("SK_ID_CURR", "TARGET", "AMT_INCOME_TOTAL", "AMT_CREDIT", "DAYS_BIRTH", "NAME_TYPE_SUITE")
REQUIRED = HEADER[2:5]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=6)


def records_of(content: bytes, size: int) -> list[list[str]]:
    cutter = CsvRecords()
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    return [record for piece in pieces for record in cutter.feed(piece)] + cutter.feed(b"", last=True)


class Looks:
    """Counts the characters of all strings whose methods this thread calls: at most so many are looked at."""

    def __init__(self) -> None:
        self.characters = 0

    def note(self, _: FrameType, event: str, called: object) -> None:
        owner = getattr(called, "__self__", None)
        if event == "c_call" and isinstance(owner, str):
            self.characters += len(owner)


@contextmanager
def counted() -> Iterator[Looks]:
    looks = Looks()
    sys.setprofile(looks.note)
    try:
        yield looks
    finally:
        sys.setprofile(None)


def errors_of(problem: ProblemError) -> list[tuple[str, str]]:
    return [(error.field, error.message) for error in problem.problem().errors or ()]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8), st.integers(1, 40))
def test_records_are_the_same_however_the_bytes_come(rows: list[list[str]], size: int) -> None:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    assert records_of(text.getvalue().encode(), size) == rows


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_byte_order_mark_line_ends_of_any_kind_and_empty_lines_are_no_matter(size: int) -> None:
    content = "\ufeffa,b\r\n1,é\n\n\r\n3,4".encode()
    assert records_of(content, size) == [["a", "b"], ["1", "é"], ["3", "4"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n\xff,1\n", "Is not UTF-8"),
        (b"a,\xc3", "Is not UTF-8"),
        (
            b'a,b\n"' + b"1\n" * LONGEST_RECORD,
            "A row has more than 65536 characters, row 1: is a quote not closed?",
        ),
        (b"a" * (LONGEST_RECORD + 1), "characters, the header: is a quote not closed?"),
        (b"a,b\n\n1,2\n" + b"3" * LONGEST_RECORD + b"\n4,5\n", "characters, row 2: is"),
        (b"a\n" * 70_000 + b'"' + b"1\n" * 40_000 + b'"\n', "characters, row 70000: is"),
    ],
)
@pytest.mark.parametrize("size", [1_000, 65_536, 1_000_000])
def test_what_is_no_csv_file_is_refused(content: bytes, said: str, size: int) -> None:
    with pytest.raises(ProblemError) as refused:
        records_of(content, size)
    [(field, message)] = errors_of(refused.value)
    assert field == "body"
    assert said in message


def test_a_record_may_be_as_long_as_the_limit_however_the_bytes_come() -> None:
    content = b"a\n" + (b"1," * LONGEST_RECORD)[: LONGEST_RECORD - 1] + b"\n"
    for size in (1_000, len(content)):
        assert [len(record) for record in records_of(content, size)] == [1, LONGEST_RECORD // 2]


@pytest.mark.parametrize("size", [4_000, 65_536])
@pytest.mark.parametrize("cell", ["12", "\U0001f600" * 20], ids=["short", "long"])
def test_rows_take_little_memory_however_wide_they_are(cell: str, size: int) -> None:
    wide = ",".join([cell] * (LONGEST_RECORD // (len(cell) + 1) - 1))
    content = f"a,b\n{f'{wide}{chr(10)}' * 60}".encode()
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    rows = Rows()
    tracemalloc.start()
    try:
        counts = [len(records) for piece in pieces for records in rows.feed(piece)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    counts += map(len, rows.feed(b"", last=True))
    # What was taken last is let go of when the next is there.
    assert peak < 3 * PART_MEMORY
    assert (counts[0], sum(counts)) == (1, 61)


@pytest.mark.parametrize("size", [100, 65_536, 1_000_000])
def test_rows_as_wide_as_applications_are_taken_together_by_the_hundred(size: int) -> None:
    names = ["SK_ID_CURR", "TARGET", *list(LoanApplication.model_fields)[1:]]
    rows = [",".join(names), *([",".join(["Unaccompanied"] * len(names))] * 1_200)]
    content = "\n".join(rows).encode()
    cutter = Rows()
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    complete = [records for piece in pieces for records in cutter.feed(piece)] + cutter.feed(b"", last=True)
    assert [len(records) for records in complete] == [1, 500, 500, 200]


@pytest.mark.parametrize("end", [b"x" * 10, b"\n" * 10, b'"' * 10])
def test_each_character_is_looked_at_a_few_times_however_the_bytes_come(end: bytes) -> None:
    begin = b'"' + b"\n" * 60_000
    cutter = CsvRecords()
    with counted() as looks:
        cutter.feed(begin)
        for byte in end:
            cutter.feed(bytes([byte]))
        cutter.feed(b"", last=True)
    assert looks.characters <= 4 * len(begin + end)


async def test_records_are_not_cut_in_the_event_loop(gateway: FakeGateway) -> None:
    content = b'"' + b"\n" * 60_000 + b'"\n' + b"a,b\n" * 20_000

    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    with counted() as looks, pytest.raises(ProblemError, match="Put right"):
        await gateway.parts.intake.receive(body(), Upload("mine", None))
    assert looks.characters < len(content) // 10


async def intake_of(gateway: FakeGateway, rows: int, most_rows: int) -> None:
    """Send a file of so many rows; where they are not too many, it cannot be kept for want of PostgreSQL."""

    async def body() -> AsyncIterator[bytes]:
        yield b"AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH\n" + b"1\n" * rows

    intake = Intake(gateway.parts.store, list, lambda: None, most_rows=most_rows)
    await intake.receive(body(), Upload("mine", None))


async def test_a_file_of_more_rows_than_a_limit_is_to_be_split(gateway: FakeGateway) -> None:
    with pytest.raises(ProblemError) as refused:
        await intake_of(gateway, rows=4, most_rows=3)
    [(field, message)] = errors_of(refused.value)
    assert field == "body"
    assert message == "Has more than 3 rows: split the file, and send its parts one by one"
    with pytest.raises(UnavailableError):
        await intake_of(gateway, rows=3, most_rows=3)


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        (("SK_ID_CURR", "AMT_CREDIT"), [("AMT_INCOME_TOTAL", "missing"), ("DAYS_BIRTH", "missing")]),
        ((*REQUIRED, "COLOUR", ""), [("COLOUR", "Unknown"), ("(empty)", "Unknown")]),
        ((*REQUIRED, "amt_annuity"), [("amt_annuity", "Unknown")]),
        ((*REQUIRED, "AMT_CREDIT", "AMT_CREDIT"), [("AMT_CREDIT", "twice")]),
        ((*REQUIRED, "TARGET", "TARGET"), [("TARGET", "twice")]),
        (("AMT_CREDIT;DAYS_BIRTH",), [("body", "one column"), ("AMT_CREDIT;DAYS_BIRTH", "Unknown")]),
    ],
)
def test_a_header_is_refused_with_every_column_at_fault(
    header: tuple[str, ...], errors: list[tuple[str, str]]
) -> None:
    with pytest.raises(ProblemError) as refused:
        Columns(header)
    found = errors_of(refused.value)
    assert [field for field, _ in found] == [field for field, _ in errors]
    assert all(word in message for (_, message), (_, word) in zip(found, errors, strict=True))


def test_all_columns_of_the_application_table_are_taken() -> None:
    assert Columns(["SK_ID_CURR", "TARGET", *list(LoanApplication.model_fields)[1:]]).width == 122
    assert Columns([f" {name} " for name in REQUIRED]).width == 3


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        (
            ("100002", "1", "202500.0", "406597.5", "-9461", "Spouse, partner"),
            {
                "SK_ID_CURR": 100002,
                "AMT_INCOME_TOTAL": 202500.0,
                "AMT_CREDIT": 406597.5,
                "DAYS_BIRTH": -9461.0,
                "NAME_TYPE_SUITE": "Spouse, partner",
            },
        ),
        (("", "", "1e5", "", "", ""), {"SK_ID_CURR": 7, "AMT_INCOME_TOTAL": 100000.0}),
        (("100002.0", "x", "a lot", "1_0", "", ""), {
            "SK_ID_CURR": 100002, "AMT_INCOME_TOTAL": "a lot", "AMT_CREDIT": "1_0"
        }),
        (("9007199254740993", "", "", "", "", ""), {"SK_ID_CURR": 9007199254740993}),
    ],
)  # fmt: skip
def test_cells_are_read_as_the_source_table_writes_them(
    record: tuple[str, ...], cells: dict[str, Any]
) -> None:
    assert Columns(HEADER).cells(record, 7) == cells


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "a lot", "0", "-1", "1,5", "10000000001"])
def test_numbers_that_are_none_or_out_of_range_are_refused_with_their_column(text: str) -> None:
    part = make_part(0, 1, [("1", "", text, "1.0", "-9461", "")], Columns(HEADER))
    [error] = part.errors
    assert (error.row, error.place, error.field) == (1, 0, "AMT_INCOME_TOTAL")
    assert "allowed: number above 0" in error.message
    assert text not in error.message or text in {"0", "-1", "10000000001"}
    assert (part.invalid, part.row_numbers) == (1, [])


@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 400, "0" * 5_000 + "7"])
def test_a_loans_number_of_thousands_of_digits_is_an_error_of_its_row(number: str) -> None:
    good = ("11", "0", "1.0", "1.0", "-9461", "")
    part = make_part(0, 1, [(number, *good[1:]), good], Columns(HEADER))
    [error] = part.errors
    assert (error.row, error.field) == (1, "SK_ID_CURR")
    assert "allowed: integer at least 1" in error.message
    assert part.loans == [11]


def test_a_part_has_its_valid_rows_and_what_is_wrong_with_the_others() -> None:
    good = ("11", "0", "1.0", "1.0", "-9461", "")
    records = [good, good[:3], ("", *good[1:]), ("12", "0", "-1", "-1", "-9461", "")]
    part = make_part(3, 1501, records, Columns(HEADER))
    assert (part.number, part.first_row, part.last_row) == (3, 1501, 1504)
    assert (part.row_numbers, part.loans, part.invalid) == ([1501, 1503], [11, 1503], 2)
    assert [cells["SK_ID_CURR"] for cells in unpack_cells(part.cells)] == [11, 1503]
    assert [(error.row, error.place, error.field) for error in part.errors] == [
        (1502, 0, "row"),
        (1504, 0, "AMT_INCOME_TOTAL"),
        (1504, 1, "AMT_CREDIT"),
    ]


@pytest.mark.parametrize(("told", "rows"), [(0, []), (1, [2]), (2, [2, 3]), (9, [2, 3, 5])])
def test_a_part_tells_the_errors_of_no_more_rows_than_asked_and_counts_all(
    told: int, rows: list[int]
) -> None:
    good = ("11", "0", "1.0", "1.0", "-9461", "")
    bad = ("12", "0", "-1", "-1", "-9461", "")
    part = make_part(0, 1, [good, bad, bad, good, bad], Columns(HEADER), told)
    assert (part.row_numbers, part.invalid) == ([1, 4], 3)
    assert [(error.row, error.place) for error in part.errors] == [
        (row, place) for row in rows for place in (0, 1)
    ]


def test_applications_are_named_by_batch_and_row_in_the_order_of_the_rows() -> None:
    batch_id = new_batch_id()
    names = [application_id(batch_id, row) for row in (1, 2, 10, 999, 25_000_000)]
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(APPLICATION_ID.validate_python(name) == name for name in names)
    assert batch_id != new_batch_id()
    assert all(map(is_row, names))


def test_the_last_row_that_a_file_may_have_is_named_as_the_statements_know_rows() -> None:
    batch_id = new_batch_id()
    assert len(application_id(batch_id, MOST_ROWS)) == len(application_id(batch_id, 1))
    digits = re.search(r"[.]([0-9]+)$", application_id(batch_id, MOST_ROWS))
    assert digits is not None
    assert f"[.][0-9]{{{len(digits[1])}}}$" in COUNT_ALL
    assert f"[.][0-9]{{{len(digits[1])}}}$" in NOTE_REFUSALS
