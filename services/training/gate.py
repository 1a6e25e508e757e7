"""The gate: which role a candidate has earned against the champion, by rules that are told with figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.contracts.events import ModelRole
from services.scorecard.bundle import Costs
from services.scorecard.performance import Defaulted
from services.training.paired import Judged, Metric, PairedDifference, differences
from services.training.verdict import TITLES, Check, Verdict

ROUNDS: Final = 1000
LEAST_OF_EACH: Final = 50
"""Defaulters, and good clients, set apart, below which nobody takes a champion's place: draws of very few
rows tell less noise than there is. By 5 defaulters, one in ten models that are no better is better beyond
noise; by 50, fewer than the one in twenty that the intervals allow."""
_ACCEPT_EVERYBODY: Final = "accept everybody"
_MICRO: Final = 1e6


@dataclass(frozen=True, slots=True)
class Limits:
    """What a candidate must keep to, whatever the champion does."""

    seconds_per_row: float = 0.001
    calibration: float = 0.005
    """By so much its expected calibration error may be above the champion's."""


GATE_LIMITS: Final = Limits()


def judge_candidate(
    defaulted: Defaulted,
    candidate: Judged,
    champion: Judged | None,
    *,
    costs: Costs,
    rounds: int = ROUNDS,
    limits: Limits = GATE_LIMITS,
) -> Verdict:
    """Judge a candidate on rows that neither model has seen, at least one of each class.

    Without a champion it must rank better than chance. Raises ValueError when the models were not judged on
    these rows.
    """
    _refuse_other_rows(defaulted, candidate, champion)
    checks = _checks_alone(candidate, limits)
    found: Mapping[Metric, PairedDifference] = {}
    if _are_probabilities(candidate):
        beaten = champion or _accept_everybody(len(defaulted))
        found = differences(defaulted, candidate, beaten, costs=costs, rounds=rounds)
        checks += _checks_beside(found, limits) if champion else (_better_than_chance(found["auc"]),)
    fewest = min(int(defaulted.sum()), int((~defaulted).sum()))
    role, reason = _decision(checks, found, has_champion=champion is not None, fewest=fewest)
    return Verdict(
        role=role,
        reason=reason,
        compared_to="champion" if champion else _ACCEPT_EVERYBODY,
        checks=checks,
        differences=found,
        seconds_per_row=None if isinstance(candidate.golden, str) else candidate.golden,
        rows=len(defaulted),
        rounds=rounds,
    )


def _decision(
    checks: tuple[Check, ...], found: Mapping[Metric, PairedDifference], *, has_champion: bool, fewest: int
) -> tuple[ModelRole | None, str]:
    failed = [check.name for check in checks if not check.passed]
    if failed:
        return None, f"Refused: {', '.join(failed)}."
    if not has_champion:
        return "champion", "The first champion: every check is passed, and it ranks better than chance."
    better = [TITLES[metric] for metric in ("auc", "business_score") if found[metric].low > 0]
    if better and fewest < LEAST_OF_EACH:
        return "challenger", (
            f"It ranks or decides better than the champion, but only {fewest} of the rows set apart are of "
            f"the rarer kind of TARGET, and {LEAST_OF_EACH} are needed to tell that from chance; train on "
            "more rows, or set more of them apart."
        )
    if better:
        return "champion", f"Better than the champion beyond noise in {' and '.join(better)}."
    return "challenger", "Every check is passed, and the difference from the champion is within noise."


def _checks_alone(candidate: Judged, limits: Limits) -> tuple[Check, ...]:
    golden = candidate.golden
    is_scored = not isinstance(golden, str)
    latency = "not measured" if isinstance(golden, str) else f"{golden * _MICRO:,.0f} microseconds a row"
    return (
        Check("golden applications", is_scored, "all decided" if is_scored else str(golden)),
        Check(
            "latency",
            not isinstance(golden, str) and golden <= limits.seconds_per_row,
            f"{latency}, at most {limits.seconds_per_row * _MICRO:,.0f}",
        ),
        Check("probabilities", _are_probabilities(candidate), "every one from 0 to 1"),
    )


def _checks_beside(found: Mapping[Metric, PairedDifference], limits: Limits) -> tuple[Check, ...]:
    calibration = found["expected_calibration_error"]
    return (
        Check(
            "calibration",
            calibration.low <= 0 or calibration.candidate - calibration.champion <= limits.calibration,
            f"error {calibration.candidate:.4f}, champion {calibration.champion:.4f}, "
            f"at most {limits.calibration:g} more beyond noise; interval of the difference "
            f"{_interval(calibration)}",
        ),
        *(_not_clearly_worse(found[metric]) for metric in ("auc", "business_score")),
    )


def _not_clearly_worse(found: PairedDifference) -> Check:
    noise = ", within noise" if found.within_noise else ""
    return Check(
        f"{TITLES[found.metric]} not clearly worse",
        found.high >= 0,
        f"difference {found.value:+.4f}, interval {_interval(found)}{noise}",
    )


def _better_than_chance(auc: PairedDifference) -> Check:
    detail = f"AUC {auc.candidate:.4f}, interval of its difference from 0.5 {_interval(auc)}"
    return Check("better than chance", auc.low > 0, detail)


def _interval(found: PairedDifference) -> str:
    return f"{found.low:+.4f} to {found.high:+.4f}"


def _are_probabilities(model: Judged) -> bool:
    return bool(np.all((model.probabilities >= 0) & (model.probabilities <= 1)))


def _accept_everybody(rows: int) -> Judged:
    return Judged(probabilities=np.zeros(rows), threshold=1.0, golden=0.0)


def _refuse_other_rows(defaulted: Defaulted, *models: Judged | None) -> None:
    if any(model is not None and model.probabilities.shape != defaulted.shape for model in models):
        raise ValueError("probabilities: must be of the rows that `defaulted` tells of, in their order")
