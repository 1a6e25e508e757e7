"""Markdown of texts that are not ours: what they say is shown, not obeyed."""

import re
from collections.abc import Collection, Sequence
from typing import Final

_MEANS_SOMETHING: Final = re.compile(r"[\\`*\[\]<>|&~#!]|(?<!\w)_|_(?!\w)")
_FIRST: Final = frozenset({0})


def plain(text: str) -> str:
    """Return text as one line of Markdown that reads as the text itself."""
    return _MEANS_SOMETHING.sub(r"\\\g<0>", " ".join(text.split()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: Collection[int] = _FIRST) -> str:
    """Return a Markdown table of cells that are Markdown.

    `words` are the places of the columns that are read and not compared; the others are right-aligned.
    """
    rule = ["---" if place in words else "---:" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rows))


def bullets(lines: Sequence[str]) -> str:
    """Return a Markdown list of texts that are Markdown."""
    return "\n".join(f"- {line}" for line in lines)


def percent(share: float) -> str:
    """Write a share as a percentage."""
    return f"{share:.1%}".replace("%", " %")


def listed(names: Sequence[str]) -> str:
    """Return names with commas and a last "and"."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
