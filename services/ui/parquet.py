"""Uploaded files as CSV, piece by piece: the gateway reads no Parquet."""

import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import cache, partial
from tempfile import TemporaryFile
from threading import Lock
from typing import BinaryIO, Final

from services.ui.parquet_process import SWELLS

PIECE: Final = 1024 * 1024
"""Bytes of a piece."""
PROCESS: Final = (sys.executable, "-m", "services.ui.parquet_process")
ENVIRONMENT: Final = {
    # Arrow's own pools and the threads of numpy would take room ahead.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENBLAS_NUM_THREADS": "1",
}
MOST_SAID: Final = 400
"""Bytes that are told of what Arrow says."""


class UnreadableFileError(Exception):
    """The file is no Parquet that can be read; the message says why."""


class SwellingFileError(Exception):
    """To read the file takes more memory or time than there is for it."""


def pieces(file: BinaryIO, name: str) -> Generator[bytes]:
    """Yield a file as CSV; its name tells whether it is Parquet. To be closed by whoever reads no further.

    Raises UnreadableFileError or SwellingFileError, perhaps after some pieces.
    """
    file.seek(0)
    if is_parquet(name):
        yield from _of_parquet(file.read())
    else:
        yield from iter(partial(file.read, PIECE), b"")


def is_parquet(name: str) -> bool:
    """Tell by its name whether a file is Parquet."""
    return name.lower().endswith(".parquet")


@cache
def _turn() -> Lock:
    """Return what one file at a time holds: each may take as much memory as there is for all."""
    return Lock()


def _of_parquet(content: bytes) -> Iterator[bytes]:
    pipe, environment = subprocess.PIPE, {**os.environ, **ENVIRONMENT}
    with (
        _turn(),
        # No pipe: it would wait for a reader, where it has much to say.
        TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - of our own
            PROCESS, stdin=pipe, stdout=pipe, stderr=said, env=environment
        ) as process,
    ):
        assert process.stdin and process.stdout  # noqa: S101, PT018 - they are pipes
        try:
            # It reads all before it writes anything, or ends.
            with suppress(BrokenPipeError), process.stdin as given:
                given.write(content)
            yield from iter(partial(process.stdout.read, PIECE), b"")
            code = process.wait()
        finally:
            # Where the gateway has had enough, nobody reads on.
            process.kill()
        said.seek(0)
        if code == SWELLS or code < 0:
            raise SwellingFileError
        if code:
            raise UnreadableFileError(said.read(MOST_SAID).decode(errors="replace"))
