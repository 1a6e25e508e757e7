"""The figures of the champion."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from services.ui import palette
from services.ui.figures import figure, limit_line
from services.ui.reader import Reader

MOST: Final = 15
"""Groups that are shown."""
LONGEST_NAME: Final = 34


def cost_curve(curve: Mapping[str, Any], threshold: float, end: float, reader: Reader) -> go.Figure:
    """Return the cost of each threshold, with approvals and refused defaulters beside it."""
    words = reader.words
    legend = {"orientation": "h", "y": 1.08, "yanchor": "bottom"}
    drawn = figure(reader, 380, showlegend=True, legend=legend, margin={"l": 8, "r": 8, "t": 44, "b": 8})
    _add_curves(drawn, curve, reader)
    _mark_thresholds(drawn, threshold, float(curve["chosen"]), reader)
    drawn.update_xaxes(range=[0, end], tickformat=".0%", title_text=words("model.threshold"))
    drawn.update_yaxes(tickformat=".0%", range=[0, 1.02])
    drawn.update_layout(
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "title": {"text": words("model.cost"), "standoff": 10, "font": {"size": 14}},
            "tickmode": "auto",
            "tickformat": ".2f",
            "rangemode": "tozero",
            "showgrid": False,
            "automargin": True,
        }
    )
    return drawn


def _add_curves(drawn: go.Figure, curve: Mapping[str, Any], reader: Reader) -> None:
    lines = (
        ("cost", "cost_per_application", palette.INK, "solid", "y2"),
        ("approval", "approval_rate", palette.APPROVED, "dash", "y"),
        ("recall", "recall", palette.REFUSED, "dot", "y"),
    )
    for name, key, colour, dash, axis in lines:
        form = "%{y:.3f}" if axis == "y2" else "%{y:.1%}"
        drawn.add_scatter(
            name=reader.words(f"model.{name}"),
            x=curve["thresholds"],
            y=curve[key],
            yaxis=axis,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 3 if axis == "y2" else 2.2},
            hovertemplate=form,
        )


def _mark_thresholds(drawn: go.Figure, threshold: float, chosen: float, reader: Reader) -> None:
    """Draw the threshold that is looked at, and the champion's own where it is another one."""
    words, forms = reader.words, reader.forms
    name = "model.chosen_at" if chosen == threshold else "model.at"
    limit_line(drawn, threshold, words(name, threshold=forms.percent(threshold)), vertical=True)
    if chosen != threshold:
        line = {"color": palette.REVIEW, "width": 2, "dash": "dot"}
        note = words("model.chosen_at", threshold=forms.percent(chosen))
        drawn.add_vline(
            x=chosen,
            line=line,
            annotation_text=note,
            annotation_position="bottom right",
            annotation_xshift=6,
            annotation_font_color=palette.REVIEW,
        )


def reliability(calibration: Mapping[str, Sequence[float]], reader: Reader) -> go.Figure:
    """Return what was told against what happened, with the line of exact probabilities."""
    words = reader.words
    drawn = figure(reader, 400, hovermode="closest")
    most = max(*calibration["expected"], *calibration["observed"]) * 1.08
    drawn.add_scatter(
        x=[0, most],
        y=[0, most],
        mode="lines",
        line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )
    drawn.add_scatter(
        x=calibration["expected"],
        y=calibration["observed"],
        customdata=calibration["rows"],
        mode="lines+markers",
        marker={"color": palette.PRIMARY, "size": 10, "line": {"color": palette.PANEL, "width": 1.5}},
        line={"color": palette.PRIMARY, "width": 1.5},
        hovertemplate="%{x:.1%} → %{y:.1%} (n = %{customdata:,})<extra></extra>",
    )
    drawn.add_annotation(
        x=most, y=most, text=words("model.perfect"), showarrow=False, yshift=10, xanchor="right"
    )
    drawn.update_xaxes(tickformat=".0%", title_text=words("model.expected"))
    drawn.update_yaxes(tickformat=".0%", title_text=words("model.observed"))
    return drawn


def importance(shares: Sequence[tuple[str, float]], reader: Reader) -> go.Figure:
    """Return what counts most, of the groups' shares by code, the highest first."""
    told = list(shares[:MOST])[::-1]
    names = [_short(reader.words.subject(code)) for code, _ in told]
    drawn = figure(reader, 400, hovermode=False)
    drawn.add_bar(
        x=[share for _, share in told],
        y=names,
        orientation="h",
        marker={"color": palette.PRIMARY},
        text=[reader.forms.percent(share) for _, share in told],
        textposition="outside",
        cliponaxis=False,
    )
    most = max((share for _, share in told), default=1.0)
    drawn.update_xaxes(visible=False, range=[0, most * 1.2])
    drawn.update_yaxes(showgrid=False, tickfont={"size": 12.5})
    return drawn


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
