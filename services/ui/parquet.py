"""Uploaded files as CSV, piece by piece: the gateway reads no Parquet."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, BinaryIO, Final

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

PIECE: Final = 1024 * 1024
"""Bytes of a piece."""
ROWS: Final = 10_000
"""Rows of Parquet that are turned into CSV at once."""


class UnreadableFileError(Exception):
    """The file is no Parquet that can be read."""


def pieces(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield a file as CSV; its name tells whether it is Parquet. Raises UnreadableFileError."""
    file.seek(0)
    if name.lower().endswith(".parquet"):
        return _of_parquet(file)
    return iter(lambda: file.read(PIECE), b"")


def _of_parquet(file: BinaryIO) -> Iterator[bytes]:
    try:
        table = parquet.ParquetFile(file)
        names = [field.name for field in table.schema_arrow]
        yield _header(names)
        for batch in table.iter_batches(ROWS):
            yield _rows(batch)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(str(error)) from error


def _header(names: list[str]) -> bytes:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(names)
    return written.getvalue().encode()


def _rows(batch: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(batch, sink, arrow_csv.WriteOptions(include_header=False))
    content: bytes = sink.getvalue().to_pybytes()
    return content
