"""Which features are watched for drift."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ConstantInputWarning, spearmanr

from services.scorecard.catalogue import Matrix

MONITORED_FEATURES: Final = 20
ASKED_FOR: Final = (
    *("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE"),
    *("AMT_INCOME_TOTAL", "NAME_CONTRACT_TYPE"),
)
"""The loan and the income: whoever watches asks for them first, whatever the model makes of them."""
_SAME_NEWS: Final = 0.9
"""Rank correlation from which one of two features tells what the other does."""
_ROWS: Final = 2000
"""A rank correlation of so many rows has a standard error of 0.02 at most."""

_FEW: Final = 30
"""Rows of which no correlation is told."""


def monitored_features(shares: Mapping[str, float], matrix: Matrix, names: Sequence[str]) -> list[str]:
    """Return what is asked for, and the features of most influence that are not one another's double.

    `shares` tells each feature's influence, the highest first; `names` are those of the matrix's columns.
    """
    sample = matrix[:: -(-len(matrix) // _ROWS)].astype(np.float64)
    places = {name: place for place, name in enumerate(names)}
    chosen: list[str] = [name for name in ASKED_FOR if name in places]
    for name in shares:
        if len(chosen) == MONITORED_FEATURES:
            break
        if name not in chosen and not any(
            _correlation(sample[:, [places[name], places[other]]]) >= _SAME_NEWS for other in chosen
        ):
            chosen.append(name)
    return sorted(chosen, key=lambda name: -shares.get(name, 0))


def _correlation(pair: NDArray[np.float64]) -> float:
    """Return the size of two columns' rank correlation where both are stated; 0 where it cannot be told."""
    stated = pair[~np.isnan(pair).any(axis=1)]
    if len(stated) < _FEW:
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)
        return float(np.nan_to_num(abs(spearmanr(stated).statistic)))
