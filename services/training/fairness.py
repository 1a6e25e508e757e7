"""How decisions fall on women and men, on the young and the old, and by family status."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import Catalogue, Matrix
from services.scorecard.performance import Defaulted

FOUR_FIFTHS: Final = 0.8
LEAST_ROWS_OF_BEST: Final = 100
"""A smaller group is not what the others are compared to: its rate may be chance."""
LEAST_DEFAULTERS: Final = 30
"""With fewer, the standard error of the share refused may be above 0.09, the root of 0.25 / 30."""
SEX: Final = "CODE_GENDER"
AGE: Final = "AGE_YEARS"
FAMILY_STATUS: Final = "NAME_FAMILY_STATUS"
NOT_KNOWN: Final = "not known"
_AGE_LIMITS: Final = (30, 40, 50, 60)
_AGE_BANDS: Final = ("under 30", "30 to 39", "40 to 49", "50 to 59", "60 and over")
_WORDS: Final = MappingProxyType({"F": "women", "M": "men"})


@dataclass(frozen=True, slots=True)
class GroupRow:
    """What one group of applicants met with; rates are shares, 0 to 1."""

    attribute: str
    """What the group is made by: sex, age or family status."""
    group: str
    rows: int
    default_rate: float
    approval_rate: float
    recall: float | None
    """Share of the defaulters refused, None where there is none."""
    false_positive_rate: float | None
    """Share of the good clients refused, None where there is none."""
    approval_ratio: float | None
    """To the approval rate of the attribute's best-treated group; None where no group is large enough."""
    below_four_fifths: bool
    uncertain: bool
    """The group has too few defaulters for its rates to be more than a hint."""


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    name: str
    defaulted: Defaulted
    refused: NDArray[np.bool_]

    @property
    def approval_rate(self) -> float:
        return float(np.mean(~self.refused))


def fairness(
    matrix: Matrix, catalogue: Catalogue, defaulted: Defaulted, refused: NDArray[np.bool_]
) -> tuple[GroupRow, ...]:
    """Return a row for each group of each attribute; the matrix has all features of the catalogue.

    Below four fifths is an approval rate less than 0.8 of that of the best-treated group of at least
    100 rows. Source: Equal Employment Opportunity Commission and others, Uniform Guidelines on Employee
    Selection Procedures (1978), section 4D, which is made for hiring and is a rule of thumb here.
    """
    return tuple(
        row
        for attribute, feature in (("sex", SEX), ("age", AGE), ("family status", FAMILY_STATUS))
        for row in _rows(attribute, _groups(_group_names(matrix, catalogue, feature), defaulted, refused))
    )


def _group_names(matrix: Matrix, catalogue: Catalogue, feature: str) -> tuple[NDArray[np.intp], list[str]]:
    """Return each row's place in the list of groups, and the list; the last group is of missing values."""
    place = catalogue.names.index(feature)
    column, categories = matrix[:, place], catalogue.definitions[place].categories
    missing = np.isnan(column)
    if categories:
        names = [_WORDS.get(word, word) for word in categories]
        places = np.where(missing, len(names), column).astype(np.intp)
    else:
        names = list(_AGE_BANDS)
        places = np.where(missing, len(names), np.digitize(column, _AGE_LIMITS))
    return places, [*names, NOT_KNOWN]


def _groups(
    named: tuple[NDArray[np.intp], list[str]], defaulted: Defaulted, refused: NDArray[np.bool_]
) -> list[_Group]:
    places, names = named
    inside = [(name, places == place) for place, name in enumerate(names)]
    return [_Group(name, defaulted[rows], refused[rows]) for name, rows in inside if rows.any()]


def _rows(attribute: str, groups: list[_Group]) -> Iterator[GroupRow]:
    large = [group.approval_rate for group in groups if group.defaulted.size >= LEAST_ROWS_OF_BEST]
    best = max(large, default=0.0)
    for group in groups:
        ratio = group.approval_rate / best if best else None
        yield GroupRow(
            attribute=attribute,
            group=group.name,
            rows=group.defaulted.size,
            default_rate=float(np.mean(group.defaulted)),
            approval_rate=group.approval_rate,
            recall=_share_refused(group.refused[group.defaulted]),
            false_positive_rate=_share_refused(group.refused[~group.defaulted]),
            approval_ratio=ratio,
            below_four_fifths=ratio is not None and ratio < FOUR_FIFTHS,
            uncertain=int(np.sum(group.defaulted)) < LEAST_DEFAULTERS,
        )


def _share_refused(refused: NDArray[np.bool_]) -> float | None:
    return float(np.mean(refused)) if refused.size else None
