"""Writes a seeded sample of loan applications: `python -m services.training.sample --out FOLDER`."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from services.training.sample_dice import Columns
from services.training.sample_population import ARRIVING, OBSERVED
from services.training.sample_rows import applications

_SHARE_UNLABELLED = 0.45


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, without the usage, and end with code 2."""
        self.exit(2, f"{message}\n")


def write_sample(folder: Path, rows: int, unlabelled: int, seed: int) -> tuple[Path, Path]:
    """Write application_train.csv and application_test.csv; the same arguments give the same bytes.

    Raises OSError if the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    train, test = folder / "application_train.csv", folder / "application_test.csv"
    write_csv(train, applications(OBSERVED, rows, seed))
    write_csv(test, (_without_target(chunk) for chunk in applications(ARRIVING, unlabelled, seed)))
    return train, test


def write_csv(path: Path, chunks: Iterable[Columns]) -> None:
    """Write chunks of columns as one CSV file, which appears under its name when it is complete."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for number, columns in enumerate(chunks):
            if number == 0:
                file.write(",".join(columns) + "\n")
            file.write("\n".join(_lines(columns)) + "\n")
    part.replace(path)


def _lines(columns: Columns) -> list[str]:
    texts = [_text(pa.array(column, from_pandas=True)) for column in columns.values()]
    joined = pc.binary_join_element_wise(*texts, ",", null_handling="replace", null_replacement="")
    return list(joined.to_pylist())


def _text(column: pa.Array) -> pa.Array:
    """Write cells as the source table does: a whole number among floats as 1.0, quotes round a comma."""
    text = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.match_substring(text, "."), text, pc.binary_join_element_wise(text, "0", "."))
    if pa.types.is_integer(column.type):
        return text
    return pc.if_else(pc.match_substring(text, ","), pc.binary_join_element_wise('"', text, '"', ""), text)


def _without_target(columns: Columns) -> Columns:
    return {name: column for name, column in columns.items() if name != "TARGET"}


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return number

    return whole_number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = _Parser(prog="python -m services.training.sample", description=write_sample.__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write to")
    parser.add_argument("--rows", type=_at_least(100), default=15_000, help="labelled rows")
    parser.add_argument("--seed", type=_at_least(0), default=7, help="seed of the random numbers")
    parser.add_argument(
        "--unlabelled", type=_at_least(1), metavar="ROWS", help="rows without TARGET; default 45 %% of --rows"
    )
    chosen = parser.parse_args(arguments)
    unlabelled = chosen.unlabelled or round(_SHARE_UNLABELLED * chosen.rows)
    try:
        train, test = write_sample(chosen.out, chosen.rows, unlabelled, chosen.seed)
    except OSError as error:
        parser.error(
            f"cannot write to {chosen.out} ({error.strerror}): name a folder that can be written with --out"
        )
    sys.stdout.write(
        f"wrote {chosen.rows:,} labelled applications to {train} and {unlabelled:,} more to {test}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
