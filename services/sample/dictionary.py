"""Trains a dictionary for `services.kit.packing`: `python -m services.sample.dictionary NUMBER --out FILE`.

It is trained on invented applications, so that nobody's data are in it: half of them written as the gateway
writes them, half with the spaces that many producers put.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from zstandard import train_dictionary

from services.contracts.events import LoanApplicationSubmitted
from services.sample.files import write_sample
from services.scorecard.table import Cells, cells_of, read_batches

BYTES: Final = 16 * 1024
ROWS: Final = 8_000
SEED: Final = 7
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Train a dictionary and write it."""
    parser = ArgumentParser(prog="python -m services.sample.dictionary", description=__doc__)
    parser.add_argument("number", type=int, help="a number that no dictionary had before, 32768 or more")
    parser.add_argument("--out", type=Path, required=True, help="where to write the dictionary")
    options = parser.parse_args()
    trained = train_dictionary(BYTES, [*_events()], dict_id=options.number)
    options.out.write_bytes(trained.as_bytes())


def _events() -> Iterator[bytes]:
    dice = Random(SEED)  # noqa: S311 - not for secrets
    with TemporaryDirectory() as folder:
        _, file = write_sample(Path(folder), 100, ROWS, SEED)
        rows = [cells for batch in read_batches(file) for cells in cells_of(batch)]
    for cells, separators in zip(rows, cycle([(",", ":"), (", ", ": ")]), strict=False):
        yield json.dumps(_event(cells, dice), separators=separators).encode()


def _event(cells: Cells, dice: Random) -> dict[str, object]:
    submitted_at = FIRST + timedelta(seconds=dice.uniform(0, 1e8))
    return {
        "event": LoanApplicationSubmitted.model_fields["event"].default,
        "version": 1,
        "application_id": str(UUID(int=dice.getrandbits(128), version=4)),
        "submitted_at": submitted_at.isoformat().replace("+00:00", "Z"),
        "channel": dice.choice(["web", "branch", "partner"]),
        "application": cells,
    }


if __name__ == "__main__":
    main()
