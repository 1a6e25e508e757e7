"""Writes a seeded sample of loan applications: `python -m services.sample --out FOLDER`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from services.sample.files import has_sample, write_sample

_SHARE_UNLABELLED = 0.45


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence, without the usage, and end with code 2."""
        self.exit(2, f"{message}\n")


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
    parser = _Parser(prog="python -m services.sample", description=write_sample.__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write to")
    parser.add_argument("--rows", type=_at_least(100), default=15_000, help="labelled rows")
    parser.add_argument("--seed", type=_at_least(0), default=7, help="seed of the random numbers")
    parser.add_argument(
        "--unlabelled", type=_at_least(1), metavar="ROWS", help="rows without TARGET; default 45 %% of --rows"
    )
    parser.add_argument("--keep", action="store_true", help="leave a sample that is there as it is")
    chosen = parser.parse_args(arguments)
    if chosen.keep and has_sample(chosen.out):
        sys.stdout.write(f"{chosen.out} has its sample: left as it is\n")
        return 0
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
