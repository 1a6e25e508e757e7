"""A picture of the figures: a panel for each case and metric, a bar for each contestant and load."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from tests.benchmarks.results import Row

SHOWN = ("rate", "p50", "p99", "time")
"""Metrics that are drawn; the table has all."""
COLUMNS = 2
PANEL_WIDTH = 8.0
BAR_HEIGHT = 0.28


def draw(file: Path, results: Sequence[Row]) -> None:
    """Write the picture as PNG."""
    drawn = panels(results)
    lines = -(-len(drawn) // COLUMNS) or 1
    tallest = max((len(bars) for bars in drawn.values()), default=1)
    picture = Picture((COLUMNS * PANEL_WIDTH, lines * (1.5 + BAR_HEIGHT * tallest)), layout="constrained")
    for place, ((case, metric, unit), bars) in enumerate(drawn.items(), start=1):
        _panel(picture.add_subplot(lines, COLUMNS, place), f"{case}: {metric}, {unit}", bars)
    picture.savefig(file, format="png", dpi=120)


def panels(results: Sequence[Row]) -> Mapping[tuple[str, str, str], list[Row]]:
    """Return what is drawn, by case, metric and unit, in the order of the table."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in results:
        if row.metric in SHOWN:
            found.setdefault((row.case, row.metric, row.unit), []).append(row)
    return found


def _panel(axes: Axes, title: str, bars: Sequence[Row]) -> None:
    """Draw medians as bars with whiskers from minimum to maximum; logarithmic, as rivals are far apart."""
    places = range(len(bars), 0, -1)
    medians = [bar.median for bar in bars]
    whiskers = [[bar.median - bar.min for bar in bars], [bar.max - bar.median for bar in bars]]
    ours = ["C0" if bar.contestant.startswith("octroi") else "C7" for bar in bars]
    axes.barh(places, medians, xerr=whiskers, color=ours)
    axes.set_yticks(
        places, [", ".join(filter(None, (bar.contestant, bar.under))) for bar in bars], fontsize=7
    )
    axes.set_xscale("log")
    axes.set_title(title, fontsize=9)
