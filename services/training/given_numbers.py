"""Numbers as the command line gives them: each reader raises ArgumentTypeError, which says what is wrong."""

import argparse
from collections.abc import Callable
from math import inf
from typing import Final

MOST_APART: Final = 0.5
"""Share of the rows that can be set apart."""


def whole(least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers of at least that."""

    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return whole_number


def share(text: str) -> float:
    """Read a share of the rows, above 0."""
    part = positive(text)
    if part > MOST_APART:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and at most {MOST_APART}")
    return part


def positive(text: str) -> float:
    """Read a number above 0 that is not infinite."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
