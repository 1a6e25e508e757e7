"""What the page is told: history as series, and a feature's two distributions."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from services.monitoring.champion import Watched
from services.monitoring.distances import part_of_bins
from services.monitoring.summary import WindowSummary
from services.monitoring.tally import Tally
from services.scorecard.profile import MOST_SINGLE_VALUES, Distribution


def history_of(grain: str, summaries: Sequence[WindowSummary], threshold: float) -> dict[str, Any]:
    """Return summaries as series of equal length, the oldest first; null where a figure is not known."""
    names = {feature.name: None for summary in summaries for feature in summary.features}
    by_name = [{feature.name: feature for feature in summary.features} for summary in summaries]

    def series(name: str, figure: str) -> list[float | None]:
        return [getattr(features[name], figure) if name in features else None for features in by_name]

    return {
        "times": [summary.at for summary in summaries],
        "grain": grain,
        "threshold": threshold,
        "features": {name: series(name, "distance") for name in names},
        "missing": {name: series(name, "missing") for name in names},
        "drifted": [summary.drifted for summary in summaries],
        "approved": [summary.decisions.approved if summary.decisions.rows else None for summary in summaries],
        "mean_score": [summary.decisions.mean_score for summary in summaries],
        "business_score": [summary.expected and summary.expected.business_score for summary in summaries],
        "rows": [summary.rows for summary in summaries],
        "champion_changes": _changes(summaries),
    }


def _changes(summaries: Sequence[WindowSummary]) -> list[dict[str, str | datetime]]:
    return [
        {"at": after.at, "version": after.model_version}
        for before, after in pairwise(summaries)
        if after.model_version != before.model_version
    ]


def feature_of(watched: Watched, tally: Tally, name: str) -> dict[str, Any] | None:
    """Return a feature's distributions in the reference and in a window, None where it is not monitored."""
    rows = max(watched.features.rows(tally), 1)
    for reference, counts in watched.features.parts(tally):
        if reference.name == name:
            part = part_of_bins(reference)
            return {
                "name": name,
                "labels": labels_of(reference),
                "reference": np.bincount(part, reference.shares).tolist(),
                "current": np.bincount(part, counts.counts / max(counts.counts.sum(), 1)).tolist(),
                "missing_reference": reference.missing,
                "missing": counts.missing / rows,
            }
    return None


def labels_of(reference: Distribution) -> list[str]:
    """Return the words of a category, the values of few, or the interval of each part of a number's bins."""
    if reference.labels:
        return list(reference.labels)
    part = part_of_bins(reference)
    if _has_single_values(reference) and len(set(part)) == len(part):
        return [f"{mean:.4g}" for mean in reference.means]
    # The edge below the first bin of each part but the first, between the least and the most.
    inner = [reference.edges[place - 1] for place in range(1, len(part)) if part[place] != part[place - 1]]
    ends = [reference.lowest or 0.0, *inner, reference.highest or 0.0]
    return [f"{low:.4g} to {high:.4g}" for low, high in pairwise(ends)]


def _has_single_values(reference: Distribution) -> bool:
    halfway = [(low + high) / 2 for low, high in pairwise(reference.means)]
    return len(halfway) < MOST_SINGLE_VALUES and np.allclose(halfway, reference.edges)


def rows_of_csv(summaries: Sequence[WindowSummary]) -> list[str]:
    """Return the lines of a table, a row for each feature of each summary, the heading first."""
    head = "at,window,segment,model_version,rows,feature,statistic,distance,psi,missing,drifted"
    return [
        head,
        *(
            f"{summary.at.isoformat()},{summary.window},{summary.segment},{summary.model_version},{summary.rows},"
            f"{feature.name},{feature.statistic},{_cell(feature.distance)},{_cell(feature.psi)},"
            f"{feature.missing:.6g},{int(feature.drifted)}"
            for summary in summaries
            for feature in summary.features
        ),
    ]


def _cell(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"
