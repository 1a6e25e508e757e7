"""A picture of the figures: a panel for each case and metric; bars, or a curve where a load grows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from tests.benchmarks.results import Row

SHOWN = ("rate", "p50", "p99", "time")
"""Metrics that are drawn; the table has all."""
KNEE = "knee"
"""A case with it is drawn as a curve."""
FAR_APART = 30
"""Below that a bar that does not begin at 0 would deceive."""
COLUMNS = 2
PANEL_WIDTH = 8.0
BAR_HEIGHT = 0.28


def draw(file: Path, results: Sequence[Row]) -> None:
    """Write the picture as PNG."""
    drawn = panels(results)
    lines = -(-len(drawn) // COLUMNS) or 1
    tallest = max((len(bars) for bars in drawn.values()), default=1)
    picture = Picture((COLUMNS * PANEL_WIDTH, lines * (1.5 + BAR_HEIGHT * tallest)), layout="constrained")
    knees = {row.case: row.median for row in results if row.metric == KNEE}
    for place, ((case, metric, unit), bars) in enumerate(drawn.items(), start=1):
        axes = picture.add_subplot(lines, COLUMNS, place)
        axes.set_title(f"{case}: {metric}, {unit}", fontsize=9)
        if case in knees:
            _curve(axes, bars, knees[case])
        else:
            _bars(axes, bars)
    picture.savefig(file, format="png", dpi=120)


def panels(results: Sequence[Row]) -> Mapping[tuple[str, str, str], list[Row]]:
    """Return what is drawn, by case, metric and unit, in the order of the table."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in results:
        if row.metric in SHOWN:
            found.setdefault((row.case, row.metric, row.unit), []).append(row)
    return found


def _curve(axes: Axes, points: Sequence[Row], knee: float) -> None:
    """Draw medians against the load, whose number `under` begins with, and where the knee is."""
    loads = [float(point.under.split()[0]) for point in points]
    axes.plot(loads, [point.median for point in points], marker="o")
    axes.fill_between(loads, [point.min for point in points], [point.max for point in points], alpha=0.2)
    axes.axvline(knee, color="C3", linestyle="--", label=f"knee: {knee:,.0f} a second")
    axes.set_yscale("log")
    axes.set_xlabel("offered a second", fontsize=8)
    axes.legend()


def _bars(axes: Axes, bars: Sequence[Row]) -> None:
    """Draw medians as bars with whiskers from minimum to maximum; logarithmic where they are far apart."""
    places = range(len(bars), 0, -1)
    medians = [bar.median for bar in bars]
    whiskers = [[bar.median - bar.min for bar in bars], [bar.max - bar.median for bar in bars]]
    ours = ["C0" if bar.contestant.startswith("octroi") else "C7" for bar in bars]
    axes.barh(places, medians, xerr=whiskers, color=ours)
    axes.set_yticks(
        places, [", ".join(filter(None, (bar.contestant, bar.under))) for bar in bars], fontsize=7
    )
    if min(medians) > 0 and max(medians) / min(medians) > FAR_APART:
        axes.set_xscale("log")
