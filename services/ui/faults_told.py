"""What is wrong with a file, in the reader's words and the file's units: the gateway says it in English."""

import re
from collections.abc import Mapping
from math import isinf
from typing import Any, Final

from services.ui.form import held
from services.ui.limits import Limit
from services.ui.locale_forms import Forms
from services.ui.words import Words

PATTERNS: Final = tuple(
    (re.compile(pattern), f"fault.{name}")
    for pattern, name in (
        (r"Column is missing", "missing"),
        (r"Unknown column", "unknown"),
        (r"Column is there twice", "twice"),
        (r"Has one column", "one_column"),
        (r"Has no rows", "no_rows"),
        (r"Is not UTF-8", "not_utf8"),
        (r"Has more than (?P<count>\d+) rows.*", "many_rows"),
        (r"A row has more than (?P<count>\d+) characters.*", "long_row"),
        (r"Has (?P<count>\d+) cells, the header has (?P<expected>\d+)", "cells"),
        (r"String should have at most (?P<count>\d+) characters?", "long_text"),
        (r"Input should be (?P<options>'.*')", "one_of"),
        (r"Field required", "required"),
    )
)
"""The gateway's messages and pydantic's, and where each stands in the reader's words."""
PARTS: Final = {"body": "fault.whole_file", "row": "fault.whole_row"}
"""What is at fault where it is no column."""
ALLOWED: Final = " (allowed: "
"""What the gateway puts behind the message of a row."""


def fault_told(fault: Mapping[str, Any], limits: Mapping[str, Limit], words: Words, forms: Forms) -> str:
    """Return what is wrong in plain words; the gateway's own where it says what nobody here knows."""
    message = str(fault["message"])
    for pattern, key in PATTERNS:
        found = pattern.fullmatch(message.partition(ALLOWED)[0])
        if found:
            return words(key, **{name: _plain(value) for name, value in found.groupdict().items()})
    limit = limits.get(fault["field"], Limit())
    return message if isinf(limit.least) else held(limit, words, forms)


def place_told(field: str, words: Words) -> str:
    """Return where the fault is: the file, the row, or a column as the file names it."""
    return words(PARTS[field]) if field in PARTS else field


def _plain(value: str) -> str:
    """Return a list of quoted words without its quotes and its English."""
    return ", ".join(re.findall(r"'([^']*)'", value)) or value
