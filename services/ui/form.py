"""What stands in the form, as an application, and what is wrong with it."""

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from math import ceil, floor, inf
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic_core import to_json

from services.ui.answers import Cells
from services.ui.fields import Field, document_columns, every_field
from services.ui.limits import Limit
from services.ui.locale_forms import Forms
from services.ui.units import DECIMALS, IN_YEARS, Unreadable, limit_in_years, to_cell, to_person
from services.ui.words import Words

State = MutableMapping[Any, Any]
LOADED: Final = "loaded"
"""Where the page keeps the cells that were loaded into the form."""
NAMESPACE: Final = UUID("6f1f6f6e-3c0a-4a63-9d2f-0b8a5a0c7d11")


def fill(state: State, cells: Cells, forms: Forms) -> None:
    """Write cells into the form."""
    state[LOADED] = dict(cells)
    for field in every_field():
        state[field.key] = to_person(field, cells, forms)


def cells_of(state: State, forms: Forms) -> Cells:
    """Return the form as an application, without what is not stated or cannot be read.

    A cell that was loaded and not touched stays exactly as it was, and so does one that has no field.
    """
    loaded: Cells = state.get(LOADED, {})
    cells = dict(loaded)
    for field in every_field():
        given = state.get(field.key)
        if field.kind == "documents":
            cells.update(_documents(given or [], loaded))
        elif given != to_person(field, loaded, forms):
            cell = to_cell(field, given, forms)
            cells[field.column] = None if isinstance(cell, Unreadable) else cell
    return {column: cell for column, cell in cells.items() if cell is not None}


def _documents(given: list[str], loaded: Cells) -> Cells:
    told = bool(given) or any(column in loaded for column in document_columns())
    return {column: float(column in given) for column in document_columns() if told}


def problems_of(
    state: State, limits: Mapping[str, Limit], words: Words, forms: Forms, *, complete: bool
) -> dict[str, str]:
    """Return what is wrong by column; `complete` also tells what is missing."""
    found = {}
    for field in every_field():
        limit = limits.get(field.column, Limit())
        problem = _problem(field, state.get(field.key), limit, words, forms, complete=complete)
        if problem:
            found[field.column] = problem
    return found


def _problem(
    field: Field,
    given: Any,  # noqa: ANN401 - whatever the widget holds
    limit: Limit,
    words: Words,
    forms: Forms,
    *,
    complete: bool,
) -> str | None:
    cell = None if field.kind == "documents" else to_cell(field, given, forms)
    if cell is None:
        return words("problem.required") if complete and limit.required else None
    if isinstance(cell, Unreadable):
        return words("problem.number")
    if isinstance(cell, str) or limit.holds(cell):
        return None
    return allowed(field, limit, words, forms)


def allowed(field: Field, limit: Limit, words: Words, forms: Forms) -> str:
    """Say what a field may hold."""
    in_years = field.kind in IN_YEARS
    shown = limit_in_years(limit) if in_years else limit
    decimals = DECIMALS.get(field.kind, 0)
    # Rounded inwards, so that what is said to be allowed is.
    least, most = (ceil(shown.least), floor(shown.most)) if in_years else (shown.least, shown.most)
    unit = f" {words('unit.years')}" if in_years else ""
    return held(replace(shown, least=least, most=most), words, forms, decimals=decimals, unit=unit)


def held(limit: Limit, words: Words, forms: Forms, *, decimals: int = 4, unit: str = "") -> str:
    """Say which numbers a limit holds."""
    values = {"least": _number(limit.least, forms, decimals), "most": _number(limit.most, forms, decimals)}
    kind = "whole" if limit.whole else "above" if limit.above else "between"
    return words(f"problem.{kind}", **values, unit=unit)


def _number(value: float, forms: Forms, decimals: int) -> str:
    return "∞" if abs(value) == inf else forms.number(value, decimals)


def problems_told(
    errors: tuple[Mapping[str, str], ...], limits: Mapping[str, Limit], words: Words, forms: Forms
) -> dict[str, str]:
    """Return what the gateway found wrong by column; the rest stands under an empty name."""
    return dict(_problem_told(error, limits, words, forms) for error in errors)


def _problem_told(
    error: Mapping[str, str], limits: Mapping[str, Limit], words: Words, forms: Forms
) -> tuple[str, str]:
    """Return the column that the gateway found something wrong in and what it may hold, in plain words."""
    column = error["field"].rpartition(".")[2]
    for field in every_field():
        if field.column == column and not field.options:
            return column, allowed(field, limits.get(column, Limit()), words, forms)
    return "", f"{error['field']}: {error['message']}"


def rewritten(field: Field, given: str, forms: Forms) -> str:
    """Return what was typed as this locale writes it, or as it was where that would tell less."""
    cell = to_cell(field, given, forms)
    if cell is None or isinstance(cell, Unreadable):
        return given
    written = to_person(field, {field.column: cell}, forms)
    return str(written) if to_cell(field, written, forms) == cell else given


def key_of(nonce: str, cells: Cells) -> str:
    """Name an application of one session: the same again is the same one, another is another."""
    return str(uuid5(NAMESPACE, nonce + to_json(cells).decode()))


def reform(state: State, old: Forms, new: Forms) -> None:
    """Write the numbers of the form as another locale does."""
    loaded: Cells = state.get(LOADED, {})
    for field in every_field():
        given = state.get(field.key)
        if given == to_person(field, loaded, old):
            state[field.key] = to_person(field, loaded, new)
        elif field.kind != "documents":
            cell = to_cell(field, given, old)
            if isinstance(cell, int | float):
                state[field.key] = to_person(field, {field.column: cell}, new)
