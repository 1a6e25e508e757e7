"""What the gate says of a candidate: the role it earned, and every figure behind that."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.contracts.events import ModelRole
from services.training.markdown_text import plain
from services.training.paired import CONFIDENCE, Metric, PairedDifference

TITLES: Final[Mapping[Metric, str]] = MappingProxyType(
    {
        "auc": "AUC",
        "business_score": "business score",
        "expected_calibration_error": "calibration error",
    }
)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the gate."""

    name: str
    passed: bool
    detail: str
    """The figures that it was decided by."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision on a candidate."""

    role: ModelRole | None
    """None where the candidate is refused."""
    reason: str
    """The decision in a sentence."""
    compared_to: str
    """`champion`, or what the candidate had to beat where there was none."""
    checks: tuple[Check, ...]
    differences: Mapping[Metric, PairedDifference]
    """Empty where the candidate's probabilities are no probabilities."""
    seconds_per_row: float | None
    """On the golden applications; None where they could not be scored."""
    rows: int
    rounds: int
    judged_beside: str | None = None
    """Version that was champion when it was judged; None where none was."""

    def metrics(self) -> dict[str, float]:
        """Return every figure by a name that begins with `gate_`."""
        figures = {"checks_failed": float(sum(not check.passed for check in self.checks))}
        if self.seconds_per_row is not None:
            figures["seconds_per_row"] = self.seconds_per_row
        beaten = self.compared_to.replace(" ", "_")
        for metric, found in self.differences.items():
            figures |= {
                f"{metric}_candidate": found.candidate,
                f"{metric}_{beaten}": found.champion,
                f"{metric}_difference": found.value,
                f"{metric}_difference_low": found.low,
                f"{metric}_difference_high": found.high,
            }
        return {f"gate_{name}": figure for name, figure in figures.items()}

    def report(self) -> str:
        """Return the verdict as Markdown."""
        lines = [f"# Promotion: {self.role or 'refused'}", "", plain(self.reason), ""]
        if self.differences:
            drawn = f"{self.rows:,} rows that no model has learnt from, drawn {self.rounds:,} times over"
            lines += [
                f"{drawn}, the same rows for both.",
                "",
                f"| | candidate | {self.compared_to} | difference | {100 * CONFIDENCE:g} % interval | |",
                "|---|---|---|---|---|---|",
                *map(_line, self.differences.values()),
                "",
            ]
        lines += ["| check | | |", "|---|---|---|"]
        lines += [
            f"| {check.name} | {'passed' if check.passed else 'FAILED'} | {plain(check.detail)} |"
            for check in self.checks
        ]
        return "\n".join(lines) + "\n"


def _line(found: PairedDifference) -> str:
    return (
        f"| {TITLES[found.metric]} | {found.candidate:.4f} | {found.champion:.4f} | {found.value:+.4f} | "
        f"{found.low:+.4f} to {found.high:+.4f} | {_meaning(found)} |"
    )


def _meaning(found: PairedDifference) -> str:
    if found.within_noise:
        return "within noise"
    higher_is_better = found.metric != "expected_calibration_error"
    return "better" if (found.value > 0) is higher_is_better else "worse"
