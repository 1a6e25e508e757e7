import csv
from collections.abc import Mapping
from contextlib import closing
from io import BytesIO, StringIO
from itertools import islice
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from services.ui.parquet import MOST_SAID, SwellingFileError, UnreadableFileError, pieces

MEGABYTE = 1024 * 1024


def written(cells: Mapping[str, Any], **options: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types
    file = BytesIO()
    parquet.write_table(pa.table(dict(cells)), file, **options)
    return file.getvalue()


def text_of(content: bytes) -> bytes:
    return b"".join(pieces(BytesIO(content), "new.PARQUET"))


def one_word(word: str, rows: int) -> pa.DictionaryArray:
    """Return a column of one word, which is there once."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([word]))


CELLS: Mapping[str, Any] = {
    "AMT_CREDIT": [1.5, None],
    "NAME_HOUSING_TYPE": ["a, b", None],
    "CNT_CHILDREN": [1, 2],
    "ORGANIZATION_TYPE": pa.array(["Bank", "é"]).dictionary_encode(),
}


@pytest.mark.parametrize(
    "options", [{}, {"row_group_size": 1}, {"use_dictionary": False, "compression": "none"}]
)
def test_parquet_becomes_csv(options: Mapping[str, Any]) -> None:
    assert list(csv.reader(StringIO(text_of(written(CELLS, **options)).decode()))) == [
        ["AMT_CREDIT", "NAME_HOUSING_TYPE", "CNT_CHILDREN", "ORGANIZATION_TYPE"],
        ["1.5", "a, b", "1", "Bank"],
        ["", "", "2", "é"],
    ]


def test_csv_stays_as_it_is() -> None:
    assert b"".join(pieces(BytesIO(b"a,b\n1,2\n"), "new.csv")) == b"a,b\n1,2\n"


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"PAR1PAR1", written(CELLS)[:-1], written({"A": [[1]]})])
def test_what_is_no_table_in_parquet_is_told(content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=r"."):
        text_of(content)


@pytest.mark.parametrize(
    "cells",
    [
        {"A": one_word("x" * MEGABYTE, 10_000)},
        {f"{place}": one_word("x" * 10_000, 10_000) for place in range(20)},
    ],
)
def test_a_file_of_some_kilobytes_that_asks_for_gigabytes_does_not_get_them(cells: Mapping[str, Any]) -> None:
    content = written(cells, compression="zstd", compression_level=19)
    assert len(content) < MEGABYTE
    with pytest.raises(SwellingFileError):
        text_of(content)


def test_much_that_is_wrong_is_told_in_short() -> None:
    with pytest.raises(UnreadableFileError) as raised:
        text_of(written({"A": [{"x" * 200_000: 1}]}))
    assert 0 < len(str(raised.value)) <= MOST_SAID


def test_who_has_had_enough_reads_no_further_and_lets_others_read() -> None:
    rows = written({f"{place}": one_word("word", 1_000_000) for place in range(20)})
    with closing(pieces(BytesIO(rows), "new.parquet")) as reading:
        assert sum(map(len, islice(reading, 2))) < 3 * MEGABYTE
    assert text_of(written({"A": [1]})) == b"A\n1\n"
