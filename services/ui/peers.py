"""How an applicant compares with those accepted and refused, by the strongest features."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any, Final

from pydantic import ValidationError

from services.contracts.application import LoanApplication
from services.scorecard.catalogue import Catalogue, Matrix
from services.scorecard.columns import columns_of
from services.scorecard.standard import standard_catalogue
from services.ui.answers import Cells
from services.ui.drawn import Comparison
from services.ui.reader import Reader
from services.ui.units import DAYS_IN_YEAR

MOST: Final = 6
QUANTILES: Final = ("q10", "q25", "q50", "q75", "q90")
DAYS: Final = "DAYS_"
SHARES: Final = frozenset({"ANNUITY_TO_INCOME", "IMPLIED_RATE", "EMPLOYED_TO_AGE", "CHILDREN_SHARE"})
"""Shown as percentages."""
AMOUNTS: Final = frozenset({"INCOME_PER_PERSON", "GOODS_CREDIT_GAP"})
"""Amounts of money, with all that begin as amounts of the table do."""
SMALL: Final = 100
"""Numbers below are shown with decimals."""


@cache
def _catalogue() -> Catalogue:
    return standard_catalogue()


def features_of(cells: Cells) -> tuple[Sequence[str], Matrix] | None:
    """Return names and one row of features, shape (1, names); None where the application is not valid."""
    try:
        application = LoanApplication.model_validate(cells)
    except ValidationError:
        return None
    catalogue = _catalogue()
    return catalogue.names, catalogue.compute(columns_of([application]))


def values_of(cells: Cells) -> Mapping[str, float]:
    """Return the features of an application that have a value; none where it is not valid."""
    found = features_of(cells)
    if found is None:
        return {}
    names, row = found
    return {name: value for name, value in zip(names, row[0].tolist(), strict=True) if isfinite(value)}


def comparisons(
    peers: Mapping[str, Any], cells: Cells, first: Iterable[str], reader: Reader
) -> tuple[Comparison, ...]:
    """Return a comparison for each kind of reason, those of the codes `first` before the others."""
    values, order = values_of(cells), {code: place for place, code in enumerate(first)}
    told = {}
    for feature in peers.get("features", ()):
        name, code = feature["name"], feature["reason_code"]
        if name in values and code not in told:
            told[code] = _comparison(name, values[name], feature, reader)
    ranked = sorted(told.items(), key=lambda pair: order.get(pair[0], len(order)))
    return tuple(comparison for _, comparison in ranked[:MOST])


def _comparison(name: str, value: float, feature: Mapping[str, Any], reader: Reader) -> Comparison:
    accepted, declined = (
        [_shown(name, float(feature[group][quantile])) for quantile in QUANTILES]
        for group in ("approved", "refused")
    )
    # A change of sign turns the order of the quantiles round.
    first, second, third, fourth, fifth = sorted(accepted)
    others = sorted(declined)
    low, high = min(first, others[0]), max(fifth, others[4])
    return Comparison(
        reader.words.field(name),
        _shown(name, value),
        (first, second, third, fourth, fifth),
        (others[0], others[1], others[2], others[3], others[4]),
        _text(name, _shown(name, value), reader),
        (_text(name, low, reader), _text(name, high, reader)),
    )


def _shown(name: str, value: float) -> float:
    return -value / DAYS_IN_YEAR if name.startswith(DAYS) else value


def _text(name: str, value: float, reader: Reader) -> str:
    if name in SHARES:
        return reader.forms.percent(value)
    if name.startswith(DAYS):
        return f"{reader.forms.number(value, 1)} {reader.words('unit.years')}"
    if name in AMOUNTS or (name.startswith("AMT_") and not name.startswith("AMT_REQ_")):
        return reader.amount(value)
    return reader.forms.number(value, 2 if abs(value) < SMALL else 0)
