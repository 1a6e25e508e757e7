"""Figures of the comparison."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from services.training.comparison import ComparisonRow
from services.training.search import ArmResult


def folds_plot(result: ArmResult) -> Figure:
    """Draw the AUC of every fold at every point of an arm's grid."""
    figure = Figure(figsize=(7, 1.5 + 0.5 * len(result.points)), layout="constrained")
    axes = figure.add_subplot()
    for place, point in enumerate(result.points):
        axes.plot(point.auc, [place] * len(point.auc), "o", alpha=0.6)
    axes.set_yticks(range(len(result.points)), [point.name for point in result.points], fontsize=8)
    axes.set(title=result.arm.name, xlabel="AUC, a dot for each fold", ylim=(len(result.points) - 0.5, -0.5))
    return figure


def comparison_plot(rows: Sequence[ComparisonRow]) -> Figure:
    """Draw mean AUC and business score of every arm with their standard errors, the best on top."""
    figure = Figure(figsize=(10, 1.5 + 0.3 * len(rows)), layout="constrained")
    auc, score = figure.subplots(1, 2, sharey=True)
    for axes, title, estimates in (
        (auc, "AUC", [row.auc for row in rows]),
        (score, "business score", [row.business_score for row in rows]),
    ):
        axes.errorbar(
            [estimate.mean for estimate in estimates],
            range(len(rows)),
            xerr=[estimate.standard_error for estimate in estimates],
            fmt="o",
        )
        axes.set(title=title)
        axes.grid(axis="x", alpha=0.3)
    auc.set_yticks(range(len(rows)), [row.arm for row in rows], fontsize=8)
    auc.invert_yaxis()
    return figure
