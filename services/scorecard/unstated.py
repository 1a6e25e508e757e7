"""Whether a model would see that a group of features is stated at all."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.application import LoanApplication
from services.scorecard.catalogue import Catalogue
from services.scorecard.columns import CATEGORY_COLUMNS, NUMBER_COLUMNS, Columns, columns_from
from services.scorecard.reasons import ReasonGroup
from services.scorecard.words import MISSING

_REQUIRED: Final = frozenset(
    name for name, field in LoanApplication.model_fields.items() if field.is_required()
)
"""Stated in every application, so that nothing can be told from them."""


def sees_what_is_stated(
    groups: Sequence[ReasonGroup], features: Collection[str], catalogue: Catalogue
) -> NDArray[np.bool_]:
    """Whether each group has a value as soon as one column that it is made of is stated, shape (groups,).

    `features` are the model's, which may be a part of the group's: of one that has one flag of six all may
    be empty while the others are stated.
    """
    columns = [name for name in LoanApplication.model_fields if name not in _REQUIRED]
    values = ~np.isnan(catalogue.compute(_each_alone(columns)))
    own = np.isin(catalogue.names, list(features))
    seen = np.zeros(len(groups), dtype=np.bool_)
    for place, group in enumerate(groups):
        members = np.array([group.has(name) for name in catalogue.names], dtype=np.bool_)
        sources = {
            source
            for definition, is_member in zip(catalogue.definitions, members, strict=True)
            if is_member
            for source in definition.sources
        }
        stated = [name in sources for name in columns]
        seen[place] = values[stated][:, members & own].any(axis=1).all()
    return seen


def _each_alone(columns: Sequence[str]) -> Columns:
    """Return applications of which each states one of `columns`, and what is required."""
    numbers = np.full((len(NUMBER_COLUMNS), len(columns)), np.nan)
    codes = np.full((len(CATEGORY_COLUMNS), len(columns)), MISSING, dtype=np.int16)
    numbers[[name in _REQUIRED for name in NUMBER_COLUMNS]] = 1
    for row, name in enumerate(columns):
        if name in NUMBER_COLUMNS:
            numbers[NUMBER_COLUMNS.index(name), row] = 1
        else:
            codes[CATEGORY_COLUMNS.index(name), row] = 0
    return columns_from(numbers, codes, {})
