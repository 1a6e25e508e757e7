"""Random applications: every column, at the ends of its range, in between, empty or with an odd word."""

from typing import Any

import numpy as np

from services.contracts.application import LoanApplication
from services.scorecard.ranges import Range, allowed_numbers, allowed_words
from services.scorecard.words import KNOWN_WORDS

REQUIRED: dict[str, Any] = {
    "SK_ID_CURR": 1,
    "AMT_INCOME_TOTAL": 90000.0,
    "AMT_CREDIT": 250000.0,
    "DAYS_BIRTH": -12000.0,
}


def application(**cells: Any) -> LoanApplication:  # noqa: ANN401 - a cell may be a number or a word
    """Return an application with the required cells and these."""
    return LoanApplication.model_validate({**REQUIRED, **cells})


def random_cells(seed: int, rows: int, missing: float = 0.3) -> list[dict[str, Any]]:
    """Return rows of cells that the contract allows; `missing` is the share of empty ones."""
    random = np.random.default_rng(seed)
    return [_row(random, missing) for _ in range(rows)]


def _row(random: np.random.Generator, missing: float) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, allowed in allowed_numbers().items():
        if allowed.required or random.random() > missing:
            row[name] = _number(random, allowed.ranges[random.integers(len(allowed.ranges))])
    for name, words in KNOWN_WORDS.items():
        if random.random() > missing:
            odd = [] if name in allowed_words() else ["XNA", "a word that nobody knows"]
            row[name] = str(random.choice([*words, *odd]))
    row["SK_ID_CURR"] = int(row["SK_ID_CURR"])
    return row


def _number(random: np.random.Generator, allowed: Range) -> float:
    least = np.nextafter(allowed.lowest, np.inf) if allowed.open_below else allowed.lowest
    between = random.uniform(least, allowed.highest)
    small = least + (allowed.highest - least) * 10.0 ** random.uniform(-8, 0)
    number = float(random.choice([least, allowed.highest, between, small]))
    return float(np.floor(number)) if allowed.whole else number
