"""A model card's figures as numbers, for programs that draw them themselves."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scorecard.bundle import Costs
from services.scorecard.catalogue import Catalogue, Matrix
from services.scorecard.performance import (
    Defaulted,
    Probabilities,
    business_score,
    classification,
    expenses,
    reliability,
)
from services.scorecard.reasons import Reasons
from services.training.candidate import Candidate
from services.training.data import LabelledData

PEERS: Final = 12
"""So many of the strongest numeric features show how the approved and the refused differ."""
AMOUNTS: Final = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL")
"""Of the loan and the applicant: whoever types them in is told their usual size."""
_THRESHOLDS: Final = 200
_QUANTILES: Final = (10, 25, 50, 75, 90)
_TOLD: Final = ("approval_rate", "recall", "precision", "cost_per_application", "business_score")


def card_data(
    candidate: Candidate, unseen: LabelledData, found: Probabilities, catalogue: Catalogue
) -> dict[str, bytes]:
    """Return JSON documents by file name; `found` are the probabilities of the unseen rows, shape (rows,)."""
    bundle = candidate.bundle
    refused = found >= bundle.threshold
    documents: dict[str, Any] = {
        "cost_curve.json": _cost_curve(unseen.defaulted, found, bundle.costs, bundle.threshold),
        "calibration.json": _calibration(unseen.defaulted, found),
        "importance.json": [
            {"feature": name, "share": share} for name, share in candidate.importance.items()
        ],
        "peers.json": peers(candidate.importance, bundle.reasons, unseen.matrix, refused, catalogue),
        "usual.json": usual(unseen.matrix, catalogue),
    }
    return {name: json.dumps(document, allow_nan=False).encode() for name, document in documents.items()}


def peers(
    importance: Mapping[str, float],
    reasons: Reasons,
    matrix: Matrix,
    refused: NDArray[np.bool_],
    catalogue: Catalogue,
) -> dict[str, Any]:
    """Return quantiles of the strongest numeric features among the approved and among the refused.

    `importance` is the highest first, `matrix` has all features of the catalogue. A feature that nobody of
    one kind states is passed over.
    """
    told: list[dict[str, Any]] = []
    for name in importance:
        place = catalogue.names.index(name)
        kinds = [matrix[kind, place].astype(np.float64) for kind in (~refused, refused)]
        approved, turned_down = (values[~np.isnan(values)] for values in kinds)
        if catalogue.definitions[place].categories or not (approved.size and turned_down.size):
            continue
        told.append(
            {
                "name": name,
                "reason_code": reasons.groups[int(reasons.groups_of([name])[0])].code,
                "approved": _quantiles(approved),
                "refused": _quantiles(turned_down),
            }
        )
        if len(told) == PEERS:
            break
    return {"features": told}


def usual(matrix: Matrix, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    """Return the quantiles of each amount among those who state it; one that nobody states is passed over."""
    columns = {name: matrix[:, catalogue.names.index(name)].astype(np.float64) for name in AMOUNTS}
    stated = {name: values[~np.isnan(values)] for name, values in columns.items()}
    return {name: _quantiles(values) for name, values in stated.items() if values.size}


def _quantiles(values: NDArray[np.float64]) -> dict[str, float]:
    found = np.percentile(values, _QUANTILES)
    return {f"q{share}": float(value) for share, value in zip(_QUANTILES, found, strict=True)}


def _cost_curve(
    defaulted: Defaulted, found: Probabilities, costs: Costs, chosen: float
) -> dict[str, list[float] | float]:
    # Steps of equally many applicants: a reader who moves the threshold moves their share.
    thresholds = np.unique([*np.quantile(found, np.linspace(0, 1, _THRESHOLDS)), chosen])
    metrics = [_at(defaulted, found >= threshold, costs) for threshold in thresholds]
    told = {name: [each[name] for each in metrics] for name in _TOLD}
    return {"thresholds": thresholds.tolist(), **told, "chosen": chosen}


def _at(defaulted: Defaulted, refused: NDArray[np.bool_], costs: Costs) -> dict[str, float]:
    return {
        "approval_rate": float(np.mean(~refused)),
        "business_score": business_score(defaulted, refused, costs),
        **expenses(defaulted, refused, costs),
        **classification(defaulted, refused),
    }


def _calibration(defaulted: Defaulted, found: Probabilities) -> dict[str, list[float]]:
    expected, observed, rows = reliability(defaulted, found)
    return {"expected": expected.tolist(), "observed": observed.tolist(), "rows": rows.tolist()}
