"""Plots of a candidate and of its decisions for the registry, as PNG."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from services.scorecard.calibration import probabilities_of
from services.scorecard.performance import (
    Defaulted,
    Probabilities,
    expected_calibration_error,
    ranking,
    reliability,
    separation,
)
from services.training.candidate import Candidate
from services.training.dependence_plots import dependence_plot
from services.training.fairness import FOUR_FIFTHS, GroupRow

_SHOWN_FEATURES: Final = 20
_BINS: Final = 50
_GREY: Final = "0.6"
_GOOD, _BAD, _FAINT = "tab:blue", "tab:red", 0.35


def plots(candidate: Candidate) -> dict[str, bytes]:
    """Draw every plot and return it under its file name."""
    draw: Mapping[str, Callable[[Axes], None]] = {
        "roc.png": lambda axes: _roc(axes, candidate),
        "calibration.png": lambda axes: _calibration(axes, candidate),
        "cost_curve.png": lambda axes: _cost_curve(axes, candidate),
        "importance.png": lambda axes: _importance(axes, candidate),
    }
    drawn = {name: _png(drawing) for name, drawing in draw.items()}
    return drawn | {"dependence.png": _saved(dependence_plot(candidate.influence))}


def decision_plots(
    defaulted: Defaulted, probabilities: Probabilities, threshold: float, groups: Sequence[GroupRow]
) -> dict[str, bytes]:
    """Draw how a model parts good clients from defaulters, and groups from each other, by file name.

    Without groups there is no plot of them.
    """
    draw: Mapping[str, Callable[[Axes], None]] = {
        "separation.png": lambda axes: _separation(axes, defaulted, probabilities, threshold),
        "distribution.png": lambda axes: _distribution(axes, defaulted, probabilities, threshold),
        "reliability.png": lambda axes: _reliability(axes, "untouched rows", defaulted, probabilities),
    } | ({"fairness.png": lambda axes: _fairness(axes, groups)} if groups else {})
    return {name: _png(drawing) for name, drawing in draw.items()}


def _png(draw: Callable[[Axes], None]) -> bytes:
    # A figure of its own, not pyplot's: no display is asked for and nothing is kept.
    figure = Figure(figsize=(7, 5.5), layout="constrained")
    draw(figure.add_subplot())
    return _saved(figure)


def _saved(figure: Figure) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png", dpi=100)
    return content.getvalue()


def _roc(axes: Axes, candidate: Candidate) -> None:
    evidence = candidate.evidence
    false_positives, true_positives, _ = roc_curve(evidence.defaulted, evidence.log_odds)
    axes.plot(false_positives, true_positives)
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--")
    axes.set(
        title=f"ROC curve, cross-validated: AUC {evidence.metrics['auc']:.4f}",
        xlabel="share of good clients refused",
        ylabel="share of defaulters refused",
    )


def _calibration(axes: Axes, candidate: Candidate) -> None:
    evidence = candidate.evidence
    _reliability(axes, "cross-validated", evidence.defaulted, probabilities_of(evidence.log_odds))


def _reliability(axes: Axes, rows: str, defaulted: Defaulted, probabilities: Probabilities) -> None:
    expected, observed, _ = reliability(defaulted, probabilities)
    error = expected_calibration_error(defaulted, probabilities)
    axes.plot(expected, observed, marker="o")
    axes.plot([0, expected[-1]], [0, expected[-1]], color=_GREY, linestyle="--")
    axes.set(
        title=f"Calibration, {rows}: expected error {error:.4f}",
        xlabel="probability of default, mean of a tenth of the rows",
        ylabel="share that defaulted",
    )


def _cost_curve(axes: Axes, candidate: Candidate) -> None:
    curve, threshold = candidate.evidence.cost_curve, candidate.bundle.threshold
    axes.plot(curve.thresholds, curve.business_scores)
    axes.axvline(threshold, color=_GREY, linestyle="--")
    best = candidate.evidence.metrics["business_score"]
    axes.set(
        title=f"Cross-validated business score {best:.4f} at threshold {threshold:.4f}",
        xlabel="probability of default from which the model refuses",
        ylabel="business score",
        xlim=(0, min(1, 6 * threshold)),
    )


def _importance(axes: Axes, candidate: Candidate) -> None:
    shown = list(candidate.importance.items())[:_SHOWN_FEATURES]
    axes.barh([name for name, _ in shown], [share for _, share in shown])
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=8)
    axes.set(title="Importance", xlabel="share of all contributions to the log-odds")


def _separation(axes: Axes, defaulted: Defaulted, probabilities: Probabilities, threshold: float) -> None:
    apart = separation(defaulted, probabilities)
    widest = int(np.argmax(np.abs(apart.good - apart.defaulters)))
    axes.step(apart.probabilities, apart.good, where="post", color=_GOOD, label="good clients")
    axes.step(apart.probabilities, apart.defaulters, where="post", color=_BAD, label="defaulters")
    axes.vlines(
        apart.probabilities[widest], apart.defaulters[widest], apart.good[widest], color="black", label="KS"
    )
    _mark(axes, threshold)
    axes.set(
        title=f"Kolmogorov-Smirnov curve, untouched rows: KS {ranking(apart)['ks']:.4f}",
        xlabel="probability of default",
        ylabel="share with at most that probability",
        xlim=(0, _most_shown(probabilities)),
    )
    axes.legend()


def _distribution(axes: Axes, defaulted: Defaulted, probabilities: Probabilities, threshold: float) -> None:
    bins = np.linspace(0, _most_shown(probabilities), _BINS + 1)
    for kind, color, label in ((~defaulted, _GOOD, "good clients"), (defaulted, _BAD, "defaulters")):
        shares = np.full(np.count_nonzero(kind), 1 / np.count_nonzero(kind))
        axes.hist(probabilities[kind], bins.tolist(), weights=shares, color=color, alpha=_FAINT, label=label)
    _mark(axes, threshold)
    axes.set(
        title="Probabilities of good clients and of defaulters, untouched rows",
        xlabel="probability of default",
        ylabel="share of the kind",
        xlim=(0, bins[-1]),
    )
    axes.legend()


def _fairness(axes: Axes, groups: Sequence[GroupRow]) -> None:
    """Draw the approval rates, faint where they are uncertain, and where four fifths of the best one lies."""
    for place, row in enumerate(groups):
        alpha = _FAINT if row.uncertain else 1
        color = _BAD if row.below_four_fifths else _GOOD
        axes.barh(place, row.approval_rate, color=color, alpha=alpha)
        if row.approval_ratio:
            limit = FOUR_FIFTHS * row.approval_rate / row.approval_ratio
            axes.vlines(limit, place - 0.4, place + 0.4, color="black")
    names = [f"{row.group} ({row.rows:,})" for row in groups]
    axes.set_yticks(range(len(groups)), names, fontsize=8)
    axes.set(
        title="Approved of the untouched rows, by sex, age and family status",
        xlabel="approval rate; mark: four fifths of the best-treated; pale: uncertain",
        xlim=(0, 1),
        ylim=(len(groups) - 0.5, -0.5),
    )


def _mark(axes: Axes, threshold: float) -> None:
    axes.axvline(threshold, color=_GREY, linestyle="--", label="refused from here")


def _most_shown(probabilities: Probabilities) -> float:
    """Return where an axis may end: few lie above, and they would press all others together."""
    return float(np.quantile(probabilities, 0.995)) or 1.0
