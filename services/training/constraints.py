"""What a model is not free to learn: whom it may not judge by, and which way some risks must go."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import FeatureDefinition, Matrix

PROTECTED: Final = frozenset({"CODE_GENDER"})
"""Columns that no decision may rest on. Source: Council Directive 2004/113/EC on equal treatment of men and
women in services. They are kept in the table, since who is treated how must be looked at."""
RISK_FALLS: Final = frozenset(
    {
        "EXT_SOURCE_1",
        "EXT_SOURCE_2",
        "EXT_SOURCE_3",
        "EXT_SOURCE_MEAN",
        "EXT_SOURCE_MIN",
        "EXT_SOURCE_MAX",
        "EXT_SOURCE_PRODUCT",
        "EMPLOYED_YEARS",
        "EMPLOYED_TO_AGE",
    }
)
"""A higher value never raises the risk: nobody could explain why a better score elsewhere, or a longer
employment, made a refusal of an approval."""
RISK_RISES: Final = frozenset({"DAYS_EMPLOYED"})
"""A higher value never lowers the risk: these days are counted back from the application, so below 0."""
AMBIGUOUS: Final = frozenset({"EXT_SOURCE_SPREAD"})
"""Features of constrained columns that move either way with them: no model can keep its word with them."""


def learnable(matrix: Matrix, definitions: Sequence[FeatureDefinition]) -> NDArray[np.intp]:
    """Positions of the columns that a model may learn from: those that vary, without PROTECTED sources."""
    places = varying(matrix)
    return places[[PROTECTED.isdisjoint(definitions[place].sources) for place in places]]


def varying(matrix: Matrix) -> NDArray[np.intp]:
    """Positions of the columns that are not the same in all rows; missing counts as a value."""
    first = matrix[:1]
    same = (matrix == first) | (np.isnan(matrix) & np.isnan(first))
    return np.flatnonzero(~same.all(axis=0))


def direction(definition: FeatureDefinition) -> int:
    """1 where a higher value must not lower the risk, -1 where it must not raise it, 0 where it is free."""
    return int(definition.name in RISK_RISES) - int(definition.name in RISK_FALLS)


def unambiguous(definitions: Sequence[FeatureDefinition]) -> NDArray[np.intp]:
    """Positions of the features with which directions can be kept."""
    return np.flatnonzero([definition.name not in AMBIGUOUS for definition in definitions])
