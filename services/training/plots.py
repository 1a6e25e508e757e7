"""Plots of a candidate for the registry, as PNG."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from services.scorecard.calibration import probabilities_of
from services.training.candidate import Candidate
from services.training.metrics import reliability

_SHOWN_FEATURES: Final = 20
_GREY: Final = "0.6"


def plots(candidate: Candidate) -> dict[str, bytes]:
    """Draw every plot and return it under its file name."""
    draw: Mapping[str, Callable[[Axes, Candidate], None]] = {
        "roc.png": _roc,
        "calibration.png": _calibration,
        "cost_curve.png": _cost_curve,
        "importance.png": _importance,
    }
    return {name: _png(drawing, candidate) for name, drawing in draw.items()}


def _png(draw: Callable[[Axes, Candidate], None], candidate: Candidate) -> bytes:
    # A figure of its own, not pyplot's: no display is asked for and nothing is kept.
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    draw(figure.add_subplot(), candidate)
    content = BytesIO()
    figure.savefig(content, format="png", dpi=100)
    return content.getvalue()


def _roc(axes: Axes, candidate: Candidate) -> None:
    evidence = candidate.evidence
    false_positives, true_positives, _ = roc_curve(evidence.defaulted, evidence.log_odds)
    axes.plot(false_positives, true_positives)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--")
    axes.set(
        title=f"ROC curve on unseen rows: AUC {evidence.metrics['auc']:.4f}",
        xlabel="share of good clients refused",
        ylabel="share of defaulters refused",
    )


def _calibration(axes: Axes, candidate: Candidate) -> None:
    evidence = candidate.evidence
    expected, observed, _ = reliability(evidence.defaulted, probabilities_of(evidence.log_odds))
    axes.plot(expected, observed, marker="o")
    axes.plot([0, expected[-1]], [0, expected[-1]], color=_GREY, linestyle="--")
    axes.set(
        title=f"Calibration: expected error {evidence.metrics['expected_calibration_error']:.4f}",
        xlabel="probability of default, mean of a tenth of the rows",
        ylabel="share that defaulted",
    )


def _cost_curve(axes: Axes, candidate: Candidate) -> None:
    curve, threshold = candidate.evidence.cost_curve, candidate.bundle.threshold
    axes.plot(curve.thresholds, curve.business_scores)
    axes.axvline(threshold, color=_GREY, linestyle="--")
    best = candidate.evidence.metrics["business_score"]
    axes.set(
        title=f"Business score {best:.4f} at threshold {threshold:.4f}",
        xlabel="probability of default from which the model refuses",
        ylabel="business score",
        xlim=(0, min(1, 6 * threshold)),
    )


def _importance(axes: Axes, candidate: Candidate) -> None:
    shown = list(candidate.importance.items())[:_SHOWN_FEATURES]
    axes.barh([name for name, _ in shown], [share for _, share in shown])
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=8)
    axes.set(title="Importance", xlabel="share of the trees' total gain")
