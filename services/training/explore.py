"""A page to look into a candidate's figures: every point tells its numbers, and axes can be zoomed."""

from collections.abc import Mapping
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Figure, Scatter, Scattergl
from sklearn.metrics import roc_curve

from services.scorecard.calibration import probabilities_of
from services.scorecard.performance import reliability
from services.training.candidate import Candidate
from services.training.dependence_plots import Dependence, strongest_dependences
from services.training.evidence import Evidence

_MOST_POINTS: Final = 2000
"""Of a curve: more cannot be told apart, and the page would grow with the rows."""
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; }}</style>
</head>
<body>
<h1>{title}</h1>
{figures}
</body>
</html>
"""


def explore(candidate: Candidate) -> str:
    """Return the page; it needs no other file and no network."""
    drawn = (
        _cost_curve(candidate.evidence, candidate.bundle.threshold),
        _calibration(candidate.evidence),
        _roc(candidate.evidence),
        _dependences(list(strongest_dependences(candidate.influence))),
    )
    # The first figure brings the library for all of them.
    figures = [
        figure.to_html(
            full_html=False,
            include_plotlyjs=place == 0,
            div_id=f"figure-{place}",
            config={"displaylogo": False},
        )
        for place, figure in enumerate(drawn)
    ]
    title = escape(f"Figures of {candidate.bundle.model_name}")
    return _PAGE.format(title=title, figures="\n".join(figures))


def _cost_curve(evidence: Evidence, threshold: float) -> Figure:
    curve = evidence.cost_curve
    shown = _spread(len(curve.thresholds))
    line = _line("business score", curve.thresholds[shown], curve.business_scores[shown])
    figure = _figure(
        "Business score of every threshold, cross-validated", "threshold", "business score", line
    )
    figure.add_vline(threshold, line_dash="dash", annotation_text=f"chosen: {threshold:.4f}")
    return figure.update_xaxes(range=[0, min(1, 6 * threshold)])


def _calibration(evidence: Evidence) -> Figure:
    expected, observed, rows = reliability(evidence.defaulted, probabilities_of(evidence.log_odds))
    told = Scatter(
        x=expected,
        y=observed,
        mode="lines+markers",
        name="a tenth of the rows",
        customdata=rows,
        hovertemplate="expected %{x:.4f}<br>observed %{y:.4f}<br>%{customdata:,} rows",
    )
    exact = _line("exact probabilities", np.array([0, expected[-1]]), np.array([0, expected[-1]]))
    return _figure("Calibration, cross-validated", "mean probability", "share that defaulted", told, exact)


def _roc(evidence: Evidence) -> Figure:
    refused_good, refused_bad, _ = roc_curve(evidence.defaulted, evidence.log_odds)
    shown = _spread(len(refused_good))
    line = _line("model", refused_good[shown], refused_bad[shown])
    title = f"ROC curve, cross-validated: AUC {evidence.metrics['auc']:.4f}"
    return _figure(title, "share of good clients refused", "share of defaulters refused", line)


def _dependences(drawn: list[Dependence]) -> Figure:
    """Draw the strongest features, one at a time, chosen from a list."""
    figure = _figure("What a feature does", "value", "adds to the log-odds of default", *map(_points, drawn))
    for place, trace in enumerate(figure.data):
        trace.visible = place == 0
    buttons = [_button(each, place, len(drawn)) for place, each in enumerate(drawn)]
    return figure.update_layout(updatemenus=[{"buttons": buttons, "x": 1, "xanchor": "right", "y": 1.15}])


def _points(dependence: Dependence) -> Scattergl:
    definition, values, contributions = dependence
    present = ~np.isnan(values)
    told: list[str] | NDArray[np.float64] = values[present]
    if definition.categories:
        told = [definition.categories[int(code)] for code in values[present]]
    return Scattergl(
        x=told, y=contributions[present], mode="markers", name=definition.name, marker={"opacity": 0.4}
    )


def _button(dependence: Dependence, place: int, count: int) -> Mapping[str, object]:
    shown = [each == place for each in range(count)]
    return {"label": dependence.definition.name, "method": "update", "args": [{"visible": shown}]}


def _line(name: str, across: NDArray[np.float64], up: NDArray[np.float64]) -> Scatter:
    return Scatter(x=across, y=up, mode="lines", name=name)


def _figure(title: str, across: str, up: str, *drawn: Scatter | Scattergl) -> Figure:
    return Figure(drawn).update_layout(
        template="plotly_white", title=title, xaxis_title=across, yaxis_title=up, showlegend=False
    )


def _spread(points: int) -> NDArray[np.intp]:
    """Positions of points evenly apart, the first and the last among them."""
    return np.unique(np.linspace(0, points - 1, min(points, _MOST_POINTS)).astype(np.intp))
