"""The figures of a batch."""

from typing import Final

import plotly.graph_objects as go

from services.contracts.events import HIGHEST_SCORE, LOWEST_SCORE, OUTCOMES
from services.ui import palette
from services.ui.answers import Batch
from services.ui.figures import figure
from services.ui.reader import Reader

PATTERNS: Final = {"approved": "", "refused": "/", "review": "."}
"""So that outcomes differ without colour."""
PATTERN: Final = {
    "fillmode": "overlay",
    "fgcolor": palette.PANEL,
    "fgopacity": 0.85,
    "size": 7,
    "solidity": 0.25,
}


def outcomes(batch: Batch, reader: Reader) -> go.Figure:
    """Return how many were approved, refused, and sent to a person."""
    forms = reader.forms
    counts = {name: getattr(batch, name) for name in OUTCOMES}
    total = max(sum(counts.values()), 1)
    drawn = figure(reader, 300, hovermode=False)
    drawn.add_bar(
        x=[_named(name, reader) for name in OUTCOMES],
        y=[counts[name] for name in OUTCOMES],
        text=[f"{forms.number(count)}<br>{forms.percent(count / total)}" for count in counts.values()],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [palette.OUTCOMES[name][0] for name in OUTCOMES],
            "pattern": {"shape": [PATTERNS[name] for name in OUTCOMES], **PATTERN},
        },
    )
    drawn.update_yaxes(visible=False, range=[0, max(*counts.values(), 1) * 1.25])
    return drawn


def scores(batch: Batch, reader: Reader) -> go.Figure:
    """Return how many have which score, by outcome."""
    words = reader.words
    drawn = figure(
        reader,
        300,
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.04, "yanchor": "bottom", "traceorder": "normal"},
    )
    middles = [(band["from"] + band["to"]) / 2 for band in batch.score_histogram]
    widths = [band["to"] - band["from"] for band in batch.score_histogram]
    for name in OUTCOMES:
        drawn.add_bar(
            name=_named(name, reader),
            x=middles,
            y=[band[name] for band in batch.score_histogram],
            width=[width * 0.9 for width in widths],
            marker={
                "color": palette.OUTCOMES[name][0],
                "pattern": {"shape": PATTERNS[name], **PATTERN},
            },
        )
    drawn.update_xaxes(title_text=words("batch.score_axis"), range=[LOWEST_SCORE, HIGHEST_SCORE])
    drawn.update_yaxes(title_text=words("batch.count_axis"), tickformat=",.0f")
    return drawn


def _named(outcome: str, reader: Reader) -> str:
    return f"{palette.SIGNS[outcome]} {reader.words(f'outcome.{outcome}')}"
