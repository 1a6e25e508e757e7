"""The comparison of arms: means with standard errors, and paired differences from the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from scipy.stats import t

from services.training.arms import Arm
from services.training.search import ArmResult, Folds

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over folds, and its standard error."""

    mean: float
    standard_error: float

    def __str__(self) -> str:
        """Write it as tables show it."""
        return f"{self.mean:.4f} ± {self.standard_error:.4f}"


@dataclass(frozen=True, slots=True)
class FoldDifference:
    """A paired difference, fold by fold."""

    mean: float
    standard_error: float
    within_noise: bool

    def __str__(self) -> str:
        """Write it as tables show it."""
        noise = ", within noise" if self.within_noise else ""
        return f"{self.mean:+.4f} ± {self.standard_error:.4f}{noise}"


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One arm at its best point."""

    arm: str
    auc: Estimate
    business_score: Estimate
    brier_score: Estimate
    auc_difference: FoldDifference | None
    """From the best arm's AUC; None for the best itself."""
    reference_difference: FoldDifference | None
    """From the AUC of its reference arm; None where it has none."""
    fit_seconds: float
    microseconds_per_row: float


def estimate(folds: Folds) -> Estimate:
    """Return mean and standard error over folds."""
    return Estimate(float(np.mean(folds)), _standard_error(folds))


def difference(folds: Folds, others: Folds) -> FoldDifference:
    """Return how much higher `folds` are than `others` on the same folds.

    Within noise is what Student's t of the folds' differences cannot tell from 0. The standard error is
    corrected for folds that share most of their training rows: sqrt(1/k + 1/(k-1)) instead of sqrt(1/k).
    Source: Nadeau and Bengio, Inference for the Generalization Error (2003).
    """
    apart = np.subtract(folds, others)
    count = len(apart)
    error = float(np.std(apart, ddof=1) * sqrt(1 / count + 1 / (count - 1)))
    limit = float(t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
    mean = float(np.mean(apart))
    return FoldDifference(mean, error, abs(mean) <= limit)


def comparison(results: Sequence[ArmResult]) -> tuple[ComparisonRow, ...]:
    """Return a row for each arm, the highest AUC first. Raises ValueError when there is no result."""
    if not results:
        raise ValueError("results: at least one arm must have been searched")
    ordered = sorted(results, key=lambda result: -float(np.mean(result.best.auc)))
    by_arm = {result.arm: result.best.auc for result in ordered}
    return tuple(_row(result, ordered[0], by_arm) for result in ordered)


def _row(result: ArmResult, first: ArmResult, by_arm: Mapping[Arm, Folds]) -> ComparisonRow:
    best, reference = result.best, result.arm.reference
    return ComparisonRow(
        arm=result.arm.name,
        auc=estimate(best.auc),
        business_score=estimate(best.business_score),
        brier_score=estimate(best.brier_score),
        auc_difference=None if result is first else difference(best.auc, first.best.auc),
        reference_difference=difference(best.auc, by_arm[reference])
        if reference and reference in by_arm
        else None,
        fit_seconds=best.fit_seconds,
        microseconds_per_row=best.microseconds_per_row,
    )


def table(rows: Sequence[ComparisonRow]) -> str:
    """Return the comparison as a Markdown table."""
    head = (
        "arm",
        "AUC",
        "from the best",
        "from its reference",
        "business score",
        "Brier score",
        "fit, s",
        "a row, µs",
    )
    cells = [
        (
            row.arm,
            str(row.auc),
            str(row.auc_difference or "the best"),
            str(row.reference_difference or ""),
            str(row.business_score),
            str(row.brier_score),
            f"{row.fit_seconds:.1f}",
            f"{row.microseconds_per_row:.1f}",
        )
        for row in rows
    ]
    lines = [head, ("---",) * len(head), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _standard_error(folds: Folds) -> float:
    return float(np.std(folds, ddof=1) / sqrt(len(folds)))
