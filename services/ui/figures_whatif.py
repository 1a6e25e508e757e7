"""The figure of the what-if page."""

from itertools import groupby

import plotly.graph_objects as go

from services.ui import palette
from services.ui.figures import figure, limit_line
from services.ui.reader import Reader
from services.ui.trying import Tried
from services.ui.variants import crossing


def curve(tried: Tried, amount: float, reader: Reader) -> go.Figure:
    """Return the probability against the amount, with the threshold and where it is crossed."""
    words = reader.words
    drawn = figure(reader)
    amounts = [value for value, _ in tried.curve]
    chances = [decision.probability_of_default for _, decision in tried.curve]
    hover = f"{words('decision.probability')} %{{y:.1%}}<extra></extra>"
    drawn.add_scatter(
        x=amounts,
        y=chances,
        mode="lines",
        line={"color": palette.PRIMARY, "width": 3},
        hovertemplate=hover,
    )
    _draw_limit(drawn, tried, reader)
    _shade_rules(drawn, tried, reader)
    drawn.add_scatter(
        x=[amount],
        y=[tried.now.probability_of_default],
        mode="markers+text",
        text=[words("whatif.here")],
        textposition="top center",
        marker={"symbol": "diamond", "size": 14, "color": palette.INK},
        hoverinfo="skip",
    )
    drawn.update_yaxes(tickformat=".0%", rangemode="tozero", title_text=words("decision.probability"))
    drawn.update_xaxes(tickformat=",.0f", title_text=words("whatif.curve_axis"))
    return drawn


def _shade_rules(drawn: go.Figure, tried: Tried, reader: Reader) -> None:
    """Show where a rule decides, whatever the probability."""
    for rule, points in groupby(tried.curve, key=lambda point: point[1].policy_rule):
        amounts = [amount for amount, _ in points]
        if rule:
            drawn.add_vrect(
                x0=amounts[0],
                x1=amounts[-1],
                fillcolor=palette.REVIEW_GROUND,
                line_width=0,
                layer="below",
                annotation_text=reader.words("whatif.by_rule"),
                annotation_position="bottom left",
            )


def _draw_limit(drawn: go.Figure, tried: Tried, reader: Reader) -> None:
    words, forms = reader.words, reader.forms
    limit = tried.now.threshold
    limit_line(drawn, limit, f"{words('decision.threshold')} {forms.percent(limit)}")
    for place, crossed in enumerate(crossing(tried.curve)):
        drawn.add_scatter(
            x=[crossed],
            y=[limit],
            mode="markers",
            marker={"symbol": "x", "size": 12, "color": palette.REFUSED},
            hoverinfo="skip",
        )
        told = words("whatif.crossing", amount=forms.number(round(crossed, -2)))
        drawn.add_annotation(
            x=crossed,
            y=limit,
            text=told,
            yshift=-18 - 16 * (place % 3),
            xshift=6,
            showarrow=False,
            xanchor="left",
        )
