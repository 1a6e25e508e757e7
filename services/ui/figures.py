"""What all plotly figures have: letters, lines and colours."""

from typing import Any, Final

import plotly.graph_objects as go

from services.ui import palette
from services.ui.reader import Reader

CONFIG: Final = {"displayModeBar": False, "responsive": True}
FONT: Final = '"Source Sans", "Source Sans 3", system-ui, sans-serif'


def figure(reader: Reader, height: int = 340, **layout: Any) -> go.Figure:  # noqa: ANN401 - plotly's own
    """Return an empty figure in the pages' look; numbers are written in the reader's form."""
    drawn = go.Figure()
    drawn.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 16, "b": 8},
        paper_bgcolor=palette.PANEL,
        plot_bgcolor=palette.PANEL,
        font={"family": FONT, "size": 14, "color": palette.INK},
        separators=",\u202f" if reader.language == "fr" else ".,",
        hovermode="x unified",
        hoverlabel={"bgcolor": palette.PANEL, "bordercolor": palette.LINE},
        showlegend=False,
        bargap=0.15,
    )
    axis = {
        "gridcolor": palette.SHADE,
        "linecolor": palette.LINE,
        "zerolinecolor": palette.LINE,
        "automargin": True,
        "title": {"standoff": 10, "font": {"size": 14}},
    }
    drawn.update_xaxes(**axis, showgrid=False)
    drawn.update_yaxes(**axis)
    drawn.update_layout(**layout)
    return drawn


def limit_line(drawn: go.Figure, value: float, text: str, *, vertical: bool = False) -> None:
    """Draw a dashed line across a figure with its name on it."""
    line = {"color": palette.INK, "width": 1.5, "dash": "dash"}
    note = {"annotation_text": text, "annotation_font_color": palette.INK}
    if vertical:
        drawn.add_vline(x=value, line=line, annotation_position="top", **note)
    else:
        drawn.add_hline(y=value, line=line, annotation_position="top right", **note)
