"""Plots of what the strongest features do, value by value."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator
from numpy.typing import NDArray

from services.scorecard.catalogue import FeatureDefinition
from services.training.importance import Influence

SHOWN: Final = 10
_ACROSS: Final = 5
_LETTERS: Final = 14
_LARGE: Final = 1000
"""From here on, numbers are told in thousands or millions."""
_TAILS: Final = (0.5, 99.5)
"""Percentiles between which values are drawn: few lie beyond, and they would press all others together."""
_MISSING: Final = "tab:red"


class Dependence(NamedTuple):
    """A feature's values with what they add to the log-odds of default, shape (rows,)."""

    definition: FeatureDefinition
    values: NDArray[np.float64]
    """NaN where missing."""
    contributions: NDArray[np.float64]


def strongest_dependences(influence: Influence) -> Iterator[Dependence]:
    """Yield the strongest features, the strongest first."""
    names = [definition.name for definition in influence.definitions]
    for place in map(names.index, list(influence.shares())[:SHOWN]):
        yield Dependence(
            influence.definitions[place],
            influence.values[:, place].astype(np.float64),
            influence.contributions[:, place],
        )


def dependence_plot(influence: Influence) -> Figure:
    """Draw a small plot for each of the ten strongest features."""
    figure = Figure(figsize=(15, 6), layout="constrained")
    drawn = list(strongest_dependences(influence))
    grid = figure.subplots(SHOWN // _ACROSS, _ACROSS, sharey=True, squeeze=False)
    for axes, dependence in zip(grid.flat, drawn, strict=False):
        _draw(axes, dependence)
    for axes in grid.flat[len(drawn) :]:
        axes.set_axis_off()
    figure.supylabel("adds to the log-odds of default")
    figure.suptitle("What the strongest features do; the red line is where the value is missing")
    return figure


def _draw(axes: Axes, dependence: Dependence) -> None:
    definition, values, contributions = dependence
    missing = np.isnan(values)
    present = values[~missing]
    axes.axhline(0, color="0.8", linewidth=1)
    axes.scatter(present, contributions[~missing], s=3, alpha=0.25, linewidths=0)
    if missing.any():
        axes.axhline(float(contributions[missing].mean()), color=_MISSING, linestyle="--", linewidth=1)
    axes.set_title(definition.name, fontsize=9)
    axes.tick_params(labelsize=7)
    if definition.categories:
        known = np.unique(present).astype(int)
        words = [definition.categories[code][:_LETTERS] for code in known]
        axes.set_xticks(known, words, rotation=45)
        axes.tick_params(axis="x", labelsize=6)
    elif present.size:
        axes.xaxis.set_major_locator(MaxNLocator(5))
        if np.abs(present).max() >= _LARGE:
            axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        low, high = np.percentile(present, _TAILS)
        axes.set_xlim(low, high if high > low else low + 1)
