"""Realised performance: decisions by a version whose loan's outcome is known, as the ledger joins them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.kit.database import Database, rows_of
from services.monitoring.measurements import FEWEST_ROWS, Measure, about
from services.monitoring.storage import storage_errors
from services.scorecard.bundle import Costs
from services.scorecard.performance import business_score, ranking, reliability, separation

MOST_OUTCOMES: Final = 20_000
"""The latest outcomes that are looked at, of any version's decisions; those of one are found among them. To
look for as many of a young version's would be to read every decision that was ever made, at each tick."""
BAND: Final = 50
"""Points in a score band."""
LATEST: Final = """
SELECT probability_of_default, score, outcome = 'refused' AS refused, observed = 'defaulted' AS defaulted,
    extract(epoch FROM observed_at - decided_at) AS delay
FROM (SELECT * FROM public.realised_decisions ORDER BY observed_at DESC LIMIT %(most)s) AS latest
WHERE model_version = %(version)s
"""


async def realised(database: Database, version: str, costs: Costs) -> dict[str, Any]:
    """Return what the latest outcomes say of decisions by a version of the model, or that there are none.

    Outcomes come weeks after decisions: for weeks after a promotion most are of the former champion's, which
    say nothing of the present one.

    A refused applicant has no loan and so no outcome, unless somebody overruled the refusal: the figures are
    of those approved for the most part, and higher than the model's own would be on all applicants.
    """
    with storage_errors():
        async with database.connection() as connection:
            rows = await rows_of(connection, LATEST, {"most": MOST_OUTCOMES, "version": version})
    if not rows:
        return {"model_version": version, "outcomes": 0}
    probabilities, scores, refused, defaulted, delays = (
        np.array(column) for column in zip(*(row.values() for row in rows), strict=True)
    )
    told = {
        "model_version": version,
        "outcomes": len(rows),
        "default_rate": float(defaulted.mean()),
        "median_delay_days": float(np.median(delays.astype(float))) / timedelta(days=1).total_seconds(),
        "bands": _bands(scores, defaulted, probabilities),
        "auc": None,
        "business_score": None,
        "calibration": [],
    }
    if not 0 < defaulted.mean() < 1:
        return told
    expected, observed, counts = reliability(defaulted, probabilities)
    calibration = zip(expected.tolist(), observed.tolist(), counts.tolist(), strict=True)
    return told | {
        "auc": ranking(separation(defaulted, probabilities))["auc"],
        "business_score": business_score(defaulted, refused, costs),
        "calibration": [
            {"expected": expects, "observed": observes, "rows": rows}
            for expects, observes, rows in calibration
        ],
    }


def judged(known: Mapping[str, Any]) -> dict[Measure, float | None]:
    """Return what alert rules are evaluated on, of what `realised` told.

    Not known where it told of few outcomes: each champion begins with few, and chance would raise alerts.
    """
    enough = known["outcomes"] >= FEWEST_ROWS
    return {
        about(f"performance.{figure}"): known.get(figure) if enough else None
        for figure in ("auc", "business_score")
    }


def _bands(
    scores: NDArray[np.integer], defaulted: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> list[dict[str, float]]:
    found = []
    for band in np.unique(scores // BAND):
        inside = scores // BAND == band
        found.append(
            {
                "from": int(band) * BAND,
                "to": (int(band) + 1) * BAND,
                "rows": int(inside.sum()),
                "observed": float(defaulted[inside].mean()),
                "expected": float(probabilities[inside].mean()),
            }
        )
    return found
