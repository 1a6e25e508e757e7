"""Bytes by a fuzzer that sees which lines they reach (libFuzzer, by Atheris), into every reader of events.

A program of its own, since libFuzzer ends its process: `python -m tests.fuzz.guided CORPUS -runs=1000`.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris
import structlog

with atheris.instrument_imports(include=["services"]):
    from services.kit.records import Emit, Message, Record
    from tests.fuzz.messages import readable, unharmed
    from tests.fuzz.readers import Reader, plain_readers

PLACE = 2
"""Bytes that say which reader, and which of its records: the rest is the record's value."""


def main() -> None:
    """Write what to begin with into the corpus's folder, the first argument, and let libFuzzer go on."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    readers = plain_readers()
    for number, seed in enumerate(seeds(readers)):
        (Path(sys.argv[1]) / f"seed-{number}").write_bytes(seed)
    atheris.Setup(sys.argv, reading(readers))
    atheris.Fuzz()


def seeds(readers: Sequence[Reader]) -> list[bytes]:
    """Return every reader's records as the fuzzer writes them."""
    return [
        bytes((place, number)) + (record.value or b"")
        for place, reader in enumerate(readers)
        for number, record in enumerate(reader.records)
    ]


def reading(readers: Sequence[Reader]) -> Callable[[bytes], None]:
    """Return what hands bytes to a reader: it must give one result, and write what can be read."""

    def read(data: bytes) -> None:
        if len(data) < PLACE:
            return
        reader = readers[data[0] % len(readers)]
        record: Record = reader.records[data[1] % len(reader.records)]._replace(value=data[PLACE:])
        try:
            (result,) = unharmed(reader.handler)([record])
        except ValueError:
            # So the loop refuses it.
            return
        for item in result.items if isinstance(result, Emit) else ():
            if isinstance(item, Message):
                readable(item)

    return read


if __name__ == "__main__":
    main()
