"""A picture of the figures: a panel for each case and metric; bars, or a curve where a load grows."""

from collections.abc import Sequence
from dataclasses import dataclass
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
MOST_BARS = 12
"""A panel with more of them becomes one for each load."""
COLUMNS = 2
PANEL_WIDTH = 8.0
BAR_HEIGHT = 0.28
FRAME = 1.2
"""Title and axis, in inches as all of these."""
CURVE_HEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Panel:
    """What is drawn together."""

    title: str
    rows: Sequence[Row]
    knee: float | None = None
    """Of a curve."""

    @property
    def height(self) -> float:
        """Inches."""
        return FRAME + (BAR_HEIGHT * len(self.rows) if self.knee is None else CURVE_HEIGHT)


def draw(file: Path, results: Sequence[Row]) -> None:
    """Write the picture as PNG."""
    drawn = panels(results)
    lines = [drawn[place : place + COLUMNS] for place in range(0, len(drawn), COLUMNS)]
    heights = [max(panel.height for panel in line) for line in lines]
    picture = Picture((COLUMNS * PANEL_WIDTH, sum(heights) or FRAME), layout="constrained")
    grid = picture.add_gridspec(len(lines) or 1, COLUMNS, height_ratios=heights or None)
    for place, panel in enumerate(drawn):
        line, column = divmod(place, COLUMNS)
        axes = picture.add_subplot(grid[line, column])
        axes.set_title(panel.title, fontsize=9)
        if panel.knee is None:
            _bars(axes, panel.rows, room=(heights[line] - FRAME) / BAR_HEIGHT)
        else:
            _curve(axes, panel.rows, panel.knee)
    picture.savefig(file, format="png", dpi=120)


def panels(results: Sequence[Row]) -> list[Panel]:
    """Return what is drawn: a panel for each case and metric, where these are many one for each load."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in results:
        if row.metric in SHOWN:
            found.setdefault((row.case, row.metric, row.unit), []).append(row)
    knees = {row.case: row.median for row in results if row.metric == KNEE}
    return [
        panel
        for (case, metric, unit), bars in found.items()
        for panel in _split(f"{case}: {metric}, {unit}", bars, knees.get(case))
    ]


def _split(title: str, bars: Sequence[Row], knee: float | None) -> list[Panel]:
    loads = dict.fromkeys(row.under for row in bars)
    if knee is not None or len(bars) <= MOST_BARS:
        return [Panel(title, bars, knee)]
    return [Panel(f"{title}; {load}", [row for row in bars if row.under == load]) for load in loads]


def _curve(axes: Axes, points: Sequence[Row], knee: float) -> None:
    """Draw medians against the load, whose number `under` begins with, and where the knee is."""
    loads = [float(point.under.split()[0]) for point in points]
    axes.plot(loads, [point.median for point in points], marker="o")
    axes.fill_between(loads, [point.min for point in points], [point.max for point in points], alpha=0.2)
    axes.axvline(knee, color="C3", linestyle="--", label=f"knee: {knee:,.0f} a second")
    axes.set_yscale("log")
    axes.set_xlabel("offered a second", fontsize=8)
    axes.legend()


def _bars(axes: Axes, bars: Sequence[Row], *, room: float) -> None:
    """Draw medians as bars with whiskers from minimum to maximum; logarithmic where they are far apart.

    There is room for so many bars, so that those of a panel are as high as those beside it.
    """
    places = range(len(bars), 0, -1)
    medians = [bar.median for bar in bars]
    whiskers = [[bar.median - bar.min for bar in bars], [bar.max - bar.median for bar in bars]]
    ours = ["C0" if bar.contestant.startswith("octroi") else "C7" for bar in bars]
    drawn = axes.barh(places, medians, xerr=whiskers, color=ours, error_kw={"elinewidth": 0.8})
    axes.bar_label(drawn, [_said(median) for median in medians], padding=4, fontsize=7)
    same_load = len({bar.under for bar in bars}) == 1
    names = [
        bar.contestant if same_load else ", ".join(filter(None, (bar.contestant, bar.under))) for bar in bars
    ]
    axes.set_yticks(places, names, fontsize=7)
    axes.set_ylim(len(bars) + 0.6 - max(room, len(bars)) - 0.2, len(bars) + 0.6)
    axes.margins(x=0.12)
    if min(medians) > 0 and max(medians) / min(medians) > FAR_APART:
        axes.set_xscale("log")


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
