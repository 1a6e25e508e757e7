"""Applications column by column: what the feature catalogue computes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.application import LoanApplication
from services.contracts.cells import NO_EMPLOYMENT
from services.contracts.events import shortened
from services.contracts.wire import field_values
from services.scorecard.words import KNOWN_WORDS, UNKNOWN, codes_of_words

IDENTIFIER: Final = "SK_ID_CURR"
NUMBER_COLUMNS: Final = tuple(
    name for name in LoanApplication.model_fields if name != IDENTIFIER and name not in KNOWN_WORDS
)
CATEGORY_COLUMNS: Final = tuple(KNOWN_WORDS)
_NUMBER_ROW: Final = MappingProxyType({name: row for row, name in enumerate(NUMBER_COLUMNS)})
_CATEGORY_CODES: Final = tuple(codes_of_words(name) for name in CATEGORY_COLUMNS)
_PLACES: Final = MappingProxyType({name: place for place, name in enumerate(LoanApplication.model_fields)})
_numbers_of = itemgetter(*(_PLACES[name] for name in NUMBER_COLUMNS))
_words_of = itemgetter(*(_PLACES[name] for name in CATEGORY_COLUMNS))

UNKNOWN_RATING: Final = -1
"""What the source table writes into a region rating that is not known."""
_MISSING_NUMBERS: Final = (
    ("DAYS_EMPLOYED", NO_EMPLOYMENT),
    ("REGION_RATING_CLIENT", UNKNOWN_RATING),
    ("REGION_RATING_CLIENT_W_CITY", UNKNOWN_RATING),
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a row held that the catalogue does not know."""

    words: tuple[str, ...] = ()
    """Columns whose word no list has."""
    fields: tuple[str, ...] = ()
    """Names of fields that the contract does not have, as FeaturesComputed has them: the first, shortened."""
    more_fields: int = 0
    """How many such fields there were beyond these."""


NOTHING_UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A batch of applications.

    `numbers` is float64 of shape (number columns, rows), NaN where empty; `codes` is int16 of shape
    (category columns, rows), MISSING and UNKNOWN being negative; `unknown` has the rows, and only
    those, that held something unknown.
    """

    numbers: NDArray[np.float64]
    codes: NDArray[np.int16]
    unknown: Mapping[int, Unknown]

    @property
    def rows(self) -> int:
        """Number of applications."""
        rows: int = self.numbers.shape[1]
        return rows


def number_rows(names: Sequence[str]) -> NDArray[np.intp]:
    """Where number columns stand in `Columns.numbers`."""
    return np.array([_NUMBER_ROW[name] for name in names], dtype=np.intp)


def columns_of(applications: Sequence[LoanApplication]) -> Columns:
    """Turn applications, or their wire forms, into columns, in their order."""
    cells = list(map(field_values, applications))
    numbers = np.fromiter(
        chain.from_iterable(map(_numbers_of, cells)), np.float64, len(cells) * len(NUMBER_COLUMNS)
    )
    words = zip(*map(_words_of, cells), strict=True) if cells else [()] * len(CATEGORY_COLUMNS)
    codes = [
        [code.get(word, UNKNOWN) for word in column]
        for code, column in zip(_CATEGORY_CODES, words, strict=True)
    ]
    further = {
        row: unknown
        for row, application in enumerate(applications)
        if (unknown := unknown_fields(application)) is not NOTHING_UNKNOWN
    }
    by_column = np.ascontiguousarray(numbers.reshape(len(cells), len(NUMBER_COLUMNS)).T)
    return columns_from(by_column, np.array(codes, dtype=np.int16), further)


def unknown_fields(application: LoanApplication) -> Unknown:
    """Return which fields an application has beyond its contract; a wire form has none."""
    further = getattr(application, "model_extra", None)
    if not further:
        return NOTHING_UNKNOWN
    names = shortened(further)
    return Unknown(fields=names, more_fields=len(further) - len(names))


def columns_from(
    numbers: NDArray[np.float64], codes: NDArray[np.int16], further: Mapping[int, Unknown]
) -> Columns:
    """Make a batch of arrays in the order of NUMBER_COLUMNS and CATEGORY_COLUMNS.

    `further` tells of the fields beyond the contract, where rows had some. `numbers` is changed in place:
    numbers by which the source table says "none" become NaN.
    """
    for name, stands_for_none in _MISSING_NUMBERS:
        column = numbers[_NUMBER_ROW[name]]
        column[column == stands_for_none] = np.nan
    return Columns(numbers, codes, MappingProxyType(_unknown(codes, further)))


def _unknown(codes: NDArray[np.int16], further: Mapping[int, Unknown]) -> dict[int, Unknown]:
    words: dict[int, list[str]] = {}
    for column, row in np.argwhere(codes == UNKNOWN).tolist():
        words.setdefault(row, []).append(CATEGORY_COLUMNS[column])
    return {
        row: replace(further.get(row, NOTHING_UNKNOWN), words=tuple(words.get(row, ())))
        for row in sorted(words.keys() | further.keys())
    }
