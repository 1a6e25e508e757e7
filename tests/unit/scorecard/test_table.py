import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.sample.files import write_sample
from services.scorecard import table
from services.scorecard.columns import Columns, columns_of
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import (
    COLUMNS,
    TableError,
    cells_of,
    columns_of_batch,
    identifiers_of,
    read_batches,
)

ROWS = 300


def csv_of(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = COLUMNS) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def read(rows: Iterable[Mapping[str, Any]], names: Sequence[str] = COLUMNS) -> list[Columns]:
    return [columns_of_batch(batch) for batch in read_batches(csv_of(rows, names))]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"), ROWS, 1, seed=5)[0]


def as_people_read(path: Path) -> list[LoanApplication]:
    """Read a table with the standard library alone."""
    words = {name for name, field in LoanApplication.model_fields.items() if "float" not in str(field)}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{name: text for name, text in row.items() if text} for row in csv.DictReader(file)]
    return [
        LoanApplication.model_validate(
            {name: text if name in words else float(text) for name, text in row.items() if name != "TARGET"}
            | {"SK_ID_CURR": int(row["SK_ID_CURR"])}
        )
        for row in rows
    ]


def test_a_table_gives_the_same_bits_as_its_applications(sample: Path) -> None:
    catalogue = standard_catalogue()
    batches = list(read_batches(sample))
    applications = as_people_read(sample)
    matrix = np.concatenate([catalogue.compute(columns_of_batch(batch)) for batch in batches])
    expected = catalogue.compute(columns_of(applications))
    assert matrix.shape == (ROWS, len(catalogue.names))
    assert matrix.tobytes() == expected.tobytes()
    numbers = np.concatenate([identifiers_of(batch) for batch in batches])
    assert numbers.tolist() == [application.SK_ID_CURR for application in applications]


def test_cells_make_the_same_applications(sample: Path) -> None:
    cells = [row for batch in read_batches(sample) for row in cells_of(batch)]
    assert [LoanApplication.model_validate(row) for row in cells] == as_people_read(sample)
    assert all(value is not None for row in cells for value in row.values())


def test_a_small_block_gives_several_batches_of_the_same_rows(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [whole] = read_batches(sample)
    monkeypatch.setattr(table, "BLOCK_BYTES", 32 * 1024)
    batches = list(read_batches(sample))
    assert len(batches) > 2
    compute = standard_catalogue().compute
    parts = np.concatenate([compute(columns_of_batch(batch)) for batch in batches])
    assert parts.tobytes() == compute(columns_of_batch(whole)).tobytes()


def test_other_columns_are_kept_out_unless_asked_for(sample: Path) -> None:
    [batch] = read_batches(sample)
    assert tuple(batch.schema.names) == COLUMNS
    [with_target] = read_batches(sample, include=("TARGET",))
    assert tuple(with_target.schema.names) == (*COLUMNS, "TARGET")
    assert set(with_target.column("TARGET").to_pylist()) == {0.0, 1.0}
    assert "TARGET" not in cells_of(with_target)[0]


def test_columns_may_stand_in_any_order_and_follow_a_byte_order_mark() -> None:
    file = csv_of([APPLICATION], ["REMARK", *reversed(COLUMNS)])
    [batch] = read_batches(io.BytesIO(b"\xef\xbb\xbf" + file.getvalue()))
    [columns] = read([APPLICATION])
    np.testing.assert_array_equal(columns_of_batch(batch).numbers, columns.numbers)


def test_unknown_words_are_named_by_row() -> None:
    [columns] = read([APPLICATION, {**APPLICATION, "OCCUPATION_TYPE": "Astronaut"}, SMALLEST_APPLICATION])
    assert {row: unknown.words for row, unknown in columns.unknown.items()} == {1: ("OCCUPATION_TYPE",)}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"AMT_CREDIT": "much"}, "AMT_CREDIT: invalid value 'much' in line 2; correct the cell$"),
        (
            {"AMT_CREDIT": "see Row #12"},
            "AMT_CREDIT: invalid value 'see Row #12' in line 2; correct the cell$",
        ),
        ({"AMT_ANNUITY": "much"}, "AMT_ANNUITY: invalid .* in line 2; correct the cell or leave it empty$"),
        ({"SK_ID_CURR": "a-1"}, "SK_ID_CURR: invalid value 'a-1' in line 2;"),
        ({"AMT_CREDIT": -1}, r"AMT_CREDIT: must be a number above 0 to 1e\+10 \(SK_ID_CURR 700417\)"),
        ({"AMT_ANNUITY": "inf"}, "AMT_ANNUITY: must be a number above 0"),
        ({"EXT_SOURCE_1": 1.01}, "EXT_SOURCE_1: must be a number from 0 to 1, or empty"),
        ({"FLAG_MOBIL": 0.5}, "FLAG_MOBIL: must be a whole number from 0 to 1"),
        ({"DAYS_EMPLOYED": 12}, "DAYS_EMPLOYED: must be a number from -36525 to 0 or 365243, or empty"),
        ({"FLAG_OWN_CAR": "perhaps"}, "FLAG_OWN_CAR: must be one of N, Y, or empty"),
        ({"AMT_INCOME_TOTAL": None}, "AMT_INCOME_TOTAL: must be a number above 0"),
        ({"SK_ID_CURR": None}, "SK_ID_CURR: must be a whole number from 1"),
    ],
)
@pytest.mark.parametrize("names", [COLUMNS, COLUMNS[::-1]], ids=["in order", "reversed"])
def test_a_wrong_cell_names_its_column(cells: dict[str, Any], message: str, names: Sequence[str]) -> None:
    with pytest.raises(TableError, match=f"^{message}"):
        read([{**APPLICATION, **cells}], names)


def test_a_range_error_names_the_loan_of_the_first_wrong_row() -> None:
    rows = [{**APPLICATION, "SK_ID_CURR": loan, "AMT_CREDIT": 5 - loan} for loan in range(1, 9)]
    with pytest.raises(TableError, match=r"AMT_CREDIT: .*\(SK_ID_CURR 5\)"):
        read(rows)


@pytest.mark.parametrize("name", ["SK_ID_CURR", "AMT_CREDIT", "EMERGENCYSTATE_MODE"])
def test_a_missing_column_is_named(name: str) -> None:
    with pytest.raises(TableError, match=rf"the table lacks {name}; .* 121 names"):
        read([APPLICATION], [column for column in COLUMNS if column != name])


def test_a_missing_column_that_was_asked_for_is_named() -> None:
    with pytest.raises(TableError, match="the table lacks TARGET"):
        list(read_batches(csv_of([APPLICATION]), include=("TARGET",)))


@pytest.mark.parametrize("place", [0, len(COLUMNS)], ids=["in front", "behind"])
def test_a_column_that_stands_twice_is_named(place: int) -> None:
    names = [*COLUMNS[:place], "AMT_CREDIT", *COLUMNS[place:]]
    with pytest.raises(TableError, match="first line has AMT_CREDIT more than once; leave one column"):
        read([APPLICATION], names)


def test_a_column_that_was_asked_for_stands_once() -> None:
    rows, names = [{**APPLICATION, "TARGET": 1, "NOTE": "a"}], [*COLUMNS, "TARGET", "TARGET", "NOTE", "NOTE"]
    with pytest.raises(TableError, match="first line has TARGET more than once"):
        list(read_batches(csv_of(rows, names), include=("TARGET",)))
    [batch] = read_batches(csv_of(rows, names))
    assert batch.num_rows == 1


def test_nobody_is_told_to_empty_a_cell_that_was_asked_for() -> None:
    file = csv_of([{**APPLICATION, "TARGET": "yes"}], [*COLUMNS, "TARGET"])
    with pytest.raises(TableError, match=r"TARGET: invalid value 'yes' in line 2; correct the cell$"):
        list(read_batches(file, include=("TARGET",)))


@pytest.mark.parametrize(
    "content",
    [
        csv_of([APPLICATION]).getvalue().replace(b"\r\n", b"\r"),
        b"PAR1\r\x15\x04,\x15",
        b"a," + b"b" * (csv.field_size_limit() + 1),
    ],
    ids=["lines of CR", "Parquet", "a long field"],
)
def test_a_file_that_is_no_text_with_lines_is_no_table(content: bytes) -> None:
    with pytest.raises(TableError, match=r"^is no CSV table: .*save it as text with commas"):
        list(read_batches(io.BytesIO(content)))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n"], ids=["empty", "another table"])
def test_many_missing_columns_are_counted(content: bytes) -> None:
    with pytest.raises(TableError, match=r"FLAG_OWN_REALTY and 116 more; ") as raised:
        list(read_batches(io.BytesIO(content)))
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("block", [table.BLOCK_BYTES, 1], ids=["in the first block", "in a block of its own"])
def test_a_broken_line_is_shown_after_what_stands_before_it(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "BLOCK_BYTES", block)
    batches = read_batches(io.BytesIO(csv_of([APPLICATION] * 4).getvalue() + b"1,2\n"))
    before = 0 if block > 1 else 4
    assert [next(batches).num_rows for _ in range(before)] == [1] * before
    with pytest.raises(TableError, match="line 6: Expected 121 columns, got 2"):
        next(batches)


def test_empty_lines_are_passed_over_and_counted() -> None:
    names, row = csv_of([APPLICATION]).getvalue().splitlines(keepends=True)
    with pytest.raises(TableError, match="line 6: Expected 121 columns, got 2"):
        list(read_batches(io.BytesIO(names + row + b"\n\r\n" + row + b"1,2\n")))


def test_a_block_of_empty_lines_is_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "BLOCK_BYTES", 1)
    file = csv_of([APPLICATION]).getvalue()
    assert [batch.num_rows for batch in read_batches(io.BytesIO(file + b"\r\n\n"))] == [1]


def test_a_table_without_rows_has_no_batches_with_rows() -> None:
    assert sum(columns.rows for columns in read([])) == 0
