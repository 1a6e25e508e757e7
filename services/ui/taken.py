"""Which cells of an application the contract takes: those of a dead one may hold anything."""

from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.ui.answers import Cells


def taken(cells: Cells) -> tuple[Cells, tuple[str, ...]]:
    """Return the cells that the contract takes, and the columns of the others."""
    wrong = tuple(column for column in _wrong(cells) if column in cells)
    return {column: cell for column, cell in cells.items() if column not in wrong}, wrong


def is_valid(cells: Cells) -> bool:
    """Tell whether the contract takes all cells, and none that it needs is missing."""
    return not _wrong(cells)


def _wrong(cells: Cells) -> tuple[str, ...]:
    try:
        LoanApplication.model_validate(cells)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple(dict.fromkeys(str(each["loc"][0]) for each in told))
    return ()
