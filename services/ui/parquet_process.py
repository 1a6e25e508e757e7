"""Writes a Parquet file as CSV: python -m services.ui.parquet_process < FILE > CSV

A process of its own, because a few bytes of Parquet can ask for gigabytes, and Arrow gives what is asked
for: here the system gives no more than MOST_MEMORY, and the pages go on. It exits with UNREADABLE and says
why, or with SWELLS; the system may end it otherwise.
"""

import csv
import resource
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

MOST_MEMORY: Final = 400 * 1024 * 1024
"""Bytes, the file's own among them: 300,000 applications take 330 MB at the most, if they are packed. A pod
has 1 GiB, in which the pages and the upload take up to 400 MB."""
MOST_SECONDS: Final = 300
"""Of a processor; those files take five."""
UNREADABLE: Final = 2
SWELLS: Final = 3
ROWS: Final = 10_000
"""Rows that are turned into CSV at once."""
BUFFER: Final = 64 * 1024
"""Bytes of a column that are read at once; Arrow would hold the whole of it."""
FIRST_TO_GO: Final = "1000"
"""What the system ends before anything else, where the machine's memory is used up all the same."""


def main() -> int:
    """Write the file at the standard input, and return the exit code."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    try:
        write_csv(pa.BufferReader(sys.stdin.buffer.read()), sys.stdout.buffer)
    except MemoryError:
        return SWELLS
    except (pa.ArrowException, OSError) as error:
        sys.stderr.write(str(error))
        return UNREADABLE
    return 0


def write_csv(source: Any, target: BinaryIO) -> None:  # noqa: ANN401 - pyarrow has no types
    """Write the columns' names, then the rows. Raises ArrowException, OSError and MemoryError."""
    table = parquet.ParquetFile(source, buffer_size=BUFFER)
    target.write(_header([field.name for field in table.schema_arrow]))
    for batch in table.iter_batches(ROWS):
        arrow_csv.write_csv(batch, target, arrow_csv.WriteOptions(include_header=False))


def _header(names: list[str]) -> bytes:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(names)
    return written.getvalue().encode()


if __name__ == "__main__":
    sys.exit(main())
