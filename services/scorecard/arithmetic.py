"""Arithmetic on blocks of columns, shape (columns, rows): quiet, and NaN where there is no answer."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
"""Shape (rows,)."""
Block = NDArray[np.float64]
"""Shape (columns, rows)."""

DAYS_PER_YEAR: Final = 365.25


def quotient(numerator: Column, denominator: Column) -> Column:
    """Numerator over denominator; NaN where one is missing or the denominator is 0."""
    result: Column = np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0
    )
    return result


def ratio(block: Block) -> Column:
    """First column over the second; NaN where one is missing or the second is 0."""
    return quotient(block[0], block[1])


def gap(block: Block) -> Column:
    """First column minus the second; NaN where one is missing."""
    difference: Column = block[0] - block[1]
    return difference


def years_before(block: Block) -> Column:
    """Years, of one column of days before the application, which are negative."""
    years: Column = block[0] / -DAYS_PER_YEAR
    return years


def missing(block: Block) -> Column:
    """How many columns are missing."""
    number: Column = np.isnan(block).sum(axis=0, dtype=np.float64)
    return number


def total(block: Block) -> Column:
    """Sum of what is there; NaN where nothing is."""
    empty = np.isnan(block)
    result: Column = np.where(empty, 0.0, block).sum(axis=0)
    result[empty.all(axis=0)] = np.nan
    return result


def mean(block: Block) -> Column:
    """Mean of what is there; NaN where nothing is."""
    return quotient(total(block), len(block) - missing(block))


def least(block: Block) -> Column:
    """Minimum of what is there; NaN where nothing is."""
    result: Column = np.fmin.reduce(block, axis=0)
    return result


def most(block: Block) -> Column:
    """Maximum of what is there; NaN where nothing is."""
    result: Column = np.fmax.reduce(block, axis=0)
    return result


def spread(block: Block) -> Column:
    """Maximum minus minimum of what is there; NaN where nothing is."""
    return most(block) - least(block)


def product(block: Block) -> Column:
    """Product of all columns; NaN where one is missing."""
    result: Column = block.prod(axis=0)
    return result
