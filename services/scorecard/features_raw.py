"""Raw features: every number column as it is, every category column as its code."""

import numpy as np
from numpy.typing import NDArray

from services.scorecard.catalogue import FeatureBlock, FeatureDefinition
from services.scorecard.columns import CATEGORY_COLUMNS, NUMBER_COLUMNS, Columns
from services.scorecard.words import KNOWN_WORDS


def number_features() -> FeatureBlock:
    """One feature per number column."""
    return FeatureBlock(tuple(map(_number, NUMBER_COLUMNS)), _numbers)


def category_features() -> FeatureBlock:
    """One feature per category column."""
    return FeatureBlock(tuple(map(_category, CATEGORY_COLUMNS)), _codes)


def _number(name: str) -> FeatureDefinition:
    return FeatureDefinition(name, f"{name}; missing where the source table's number means none", (name,))


def _category(name: str) -> FeatureDefinition:
    formula = f"place of {name} in the list of known words, from 0; missing for any other word"
    return FeatureDefinition(name, formula, (name,), categories=KNOWN_WORDS[name])


def _numbers(columns: Columns) -> NDArray[np.float64]:
    return columns.numbers


def _codes(columns: Columns) -> NDArray[np.float32]:
    codes = columns.codes.astype(np.float32)
    codes[codes < 0] = np.nan
    return codes
