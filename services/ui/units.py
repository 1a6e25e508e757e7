"""Between the contract's units and a person's: days and years, flags and yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any, Final

from services.contracts.cells import NO_EMPLOYMENT
from services.ui.answers import Cells
from services.ui.fields import Field, document_columns
from services.ui.limits import Limit
from services.ui.locale_forms import Forms

DAYS_IN_YEAR: Final = 365.25
NO_JOB: Final = "no-job"
"""What a person says instead of years in the job."""
IN_YEARS: Final = frozenset({"age", "job", "years_ago"})
NUMERIC_WORDS: Final = frozenset({"flag", "rating"})
TEXT_KINDS: Final = IN_YEARS | {"amount", "identifier", "number", "share"}
"""Kinds of numbers, which are typed as text in the reader's form."""
DECIMALS: Final[Mapping[str, int]] = {"amount": 2, "identifier": 0, "number": 0, "share": 4}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no number."""

    text: str


def to_person(field: Field, cells: Cells, forms: Forms) -> Any:  # noqa: ANN401
    """Return what stands in a field for these cells."""
    if field.kind == "documents":
        return [column for column in document_columns() if cells.get(column) == 1]
    cell = cells.get(field.column)
    if cell is None:
        return "" if field.kind in TEXT_KINDS else None
    return _written(field, cell, forms)


def _written(field: Field, cell: Any, forms: Forms) -> str:  # noqa: ANN401 - JSON
    if field.kind == "job" and cell == NO_EMPLOYMENT:
        return NO_JOB
    if field.kind in IN_YEARS:
        # Rounded down, as people count their years: one day short of 18 is not shown as 18.
        return forms.number(floor(abs(cell) * 10 / DAYS_IN_YEAR) / 10, 1)
    if field.kind in NUMERIC_WORDS or field.kind == "identifier":
        return str(int(cell))
    return forms.number(cell, DECIMALS[field.kind]) if field.kind in TEXT_KINDS else str(cell)


def to_cell(field: Field, given: Any, forms: Forms) -> float | str | Unreadable | None:  # noqa: ANN401
    """Return the cell for what stands in a field, None where nothing does."""
    if given is None or given == "":
        return None
    if given == NO_JOB and field.kind == "job":
        return NO_EMPLOYMENT
    if field.kind in NUMERIC_WORDS:
        return int(given)
    return _read(field, given, forms) if field.kind in TEXT_KINDS else str(given)


def _read(field: Field, given: str, forms: Forms) -> float | Unreadable:
    number = forms.read(given)
    if number is None:
        return Unreadable(given)
    if field.kind in IN_YEARS:
        # More days rather than fewer: whoever is 18 has lived no less than 18 years of 365.25 days. The same
        # for a job, so that as many years in it as in life are as many days.
        return floor(-number * DAYS_IN_YEAR)
    return int(number) if number == int(number) else number


def limit_in_years(limit: Limit) -> Limit:
    """Return a limit of days before the application as one of years."""
    least, most = -limit.most / DAYS_IN_YEAR, -limit.least / DAYS_IN_YEAR
    return Limit(least, most, required=limit.required)
