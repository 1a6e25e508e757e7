"""What the page is told: history as series, and a feature's two distributions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
from pydantic_core import to_json

from services.monitoring.champion import Watched
from services.monitoring.distances import part_of_bins
from services.monitoring.summary import WindowSummary
from services.monitoring.tally import Tally
from services.scorecard.profile import MOST_SINGLE_VALUES, Distribution

Known = dict[int, float | None]
"""What is known of a figure, by the place of its summary."""
FIGURES: Final[Mapping[str, Callable[[WindowSummary], Any]]] = {
    "times": lambda summary: summary.at,
    "drifted": lambda summary: summary.drifted,
    "approved": lambda summary: summary.decisions.approved if summary.decisions.rows else None,
    "mean_score": lambda summary: summary.decisions.mean_score,
    "business_score": lambda summary: summary.expected and summary.expected.business_score,
    "rows": lambda summary: summary.rows,
}
"""The series that no feature has to itself."""


def history_of(grain: str, summaries: Iterable[WindowSummary], threshold: float) -> dict[str, Any]:
    """Return summaries as series of equal length, the oldest first; null where a figure is not known.

    Each is looked at once, and need not be kept.
    """
    series: dict[str, list[Any]] = {name: [] for name in FIGURES}
    distances, missing = defaultdict[str, Known](dict), defaultdict[str, Known](dict)
    versions = []
    for place, summary in enumerate(summaries):
        versions.append(summary.model_version)
        for name, figure in FIGURES.items():
            series[name].append(figure(summary))
        for feature in summary.features:
            distances[feature.name][place] = feature.distance
            missing[feature.name][place] = feature.missing
    return {
        **series,
        "grain": grain,
        "threshold": threshold,
        "features": _filled(distances, len(versions)),
        "missing": _filled(missing, len(versions)),
        "champion_changes": _changes(series["times"], versions),
    }


def _filled(by_name: Mapping[str, Known], places: int) -> dict[str, list[float | None]]:
    return {name: [found.get(place) for place in range(places)] for name, found in by_name.items()}


def _changes(times: Sequence[datetime], versions: Sequence[str]) -> list[dict[str, str | datetime]]:
    return [
        {"at": at, "version": after}
        for at, (before, after) in zip(times[1:], pairwise(versions), strict=True)
        if after != before
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


def json_of(told: dict[str, Any]) -> bytes:
    """Return what is told as JSON; null for a number that JSON has no word for."""
    return to_json(told, inf_nan_mode="null")


def csv_of(summaries: Iterable[WindowSummary]) -> bytes:
    """Return the table of `rows_of_csv` as a file."""
    return "\n".join([*rows_of_csv(summaries), ""]).encode()


def rows_of_csv(summaries: Iterable[WindowSummary]) -> list[str]:
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
