"""The figure of the what-if page."""

from textwrap import wrap
from typing import Final

import plotly.graph_objects as go

from services.ui import palette
from services.ui.answers import Decision
from services.ui.figures import figure, limit_line
from services.ui.reader import Reader
from services.ui.reasons_told import rule_told
from services.ui.trying import Tried
from services.ui.variants import crossing, outcome_runs

RULE_WIDTH: Final = 24
"""Characters of a rule in a line."""
NAMED_FROM: Final = 0.12
"""Share of the amounts that is wide enough for words; the sign alone stands in a smaller one."""


def curve(tried: Tried, amount: float, reader: Reader) -> go.Figure:
    """Return the probability against the amount, with the threshold and where it is crossed."""
    words = reader.words
    drawn = figure(reader)
    amounts = [value for value, _ in tried.curve]
    chances = [decision.probability_of_default for _, decision in tried.curve]
    hover = f"{words('decision.probability')} %{{y:.1%}}<br>%{{text}}<extra></extra>"
    drawn.add_scatter(
        x=amounts,
        y=chances,
        mode="lines",
        text=[_decided(decision, reader) for _, decision in tried.curve],
        line={"color": palette.PRIMARY, "width": 3},
        hovertemplate=hover,
    )
    _shade(drawn, tried, reader)
    _draw_limit(drawn, tried, reader)
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
    drawn.update_xaxes(tickformat=",.0f", title_text=reader.priced(words("whatif.curve_axis")))
    return drawn


def _shade(drawn: go.Figure, tried: Tried, reader: Reader) -> None:
    """Shade amounts by what the engine would decide: a rule may speak on either side of the threshold."""
    runs = outcome_runs(tried.curve)
    for begin, end, decision in runs:
        colour, ground = palette.OUTCOMES[decision.outcome]
        wide = end - begin > NAMED_FROM * (runs[-1][1] - runs[0][0])
        drawn.add_vrect(
            x0=begin,
            x1=end,
            fillcolor=ground,
            line_width=0,
            layer="below",
            annotation_text=f"{palette.SIGNS[decision.outcome]} {_decided(decision, reader) if wide else ''}",
            annotation_position="bottom left",
            annotation_font_color=colour,
        )


def _decided(decision: Decision, reader: Reader) -> str:
    outcome, rule = reader.words(f"outcome.{decision.outcome}"), rule_told(decision, reader.language)
    return f"{outcome}<br>{'<br>'.join(wrap(rule, RULE_WIDTH))}" if rule else outcome


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
        told = words("whatif.crossing", amount=reader.amount(round(crossed, -2)))
        drawn.add_annotation(
            x=crossed,
            y=limit,
            text=told,
            yshift=-18 - 16 * (place % 3),
            xshift=6,
            showarrow=False,
            xanchor="left",
        )
