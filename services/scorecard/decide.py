"""Decisions: policy first, then the model, each with its reasons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import Outcome, Reason
from services.scorecard.calibration import LogOdds, probabilities_of
from services.scorecard.catalogue import Matrix
from services.scorecard.model import Model


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """Decisions on a batch, row by row in its order."""

    probabilities: NDArray[np.float64]
    """Calibrated probabilities of default, shape (rows,)."""
    scores: NDArray[np.int64]
    """Points, 300 to 850, shape (rows,)."""
    outcomes: tuple[Outcome, ...]
    policy_rules: tuple[str | None, ...]
    """Code of the policy rule that decided, None where the model did."""
    reasons: tuple[tuple[Reason, ...], ...]
    """Up to four per row, the strongest first; none where they were not asked for."""


def decide(model: Model, matrix: Matrix) -> Decisions:
    """Decide and explain. The matrix has the columns `model.required`, in that order."""
    columns = _booster_columns(model, matrix)
    explanation = model.explainer.explain(columns)
    log_odds = model.bundle.calibration.log_odds(explanation.margins)
    rules = model.policy.first_rules(matrix, model.policy_columns)
    outcomes = _outcomes(model, log_odds, rules)
    contributions = model.bundle.calibration.slope * explanation.contributions.astype(np.float64)
    reasons = model.writer.strongest(outcomes, rules, contributions, columns)
    return _decisions(model, log_odds, outcomes, rules, reasons)


def decide_without_reasons(model: Model, matrix: Matrix) -> Decisions:
    """Decide as `decide` does, faster for files, where nobody reads reasons."""
    log_odds = _log_odds(model, matrix)
    rules = model.policy.first_rules(matrix, model.policy_columns)
    outcomes = _outcomes(model, log_odds, rules)
    return _decisions(model, log_odds, outcomes, rules, ((),) * len(matrix))


def probabilities(model: Model, matrix: Matrix) -> NDArray[np.float64]:
    """Calibrated probabilities of default. The matrix has the columns `model.required`, in that order."""
    return probabilities_of(_log_odds(model, matrix))


def _log_odds(model: Model, matrix: Matrix) -> LogOdds:
    margins = model.explainer.margins(_booster_columns(model, matrix))
    return model.bundle.calibration.log_odds(margins)


def _booster_columns(model: Model, matrix: Matrix) -> Matrix:
    if matrix.shape[1:] != (len(model.required),):
        raise ValueError(f"matrix: must have {len(model.required)} columns, those of `model.required`")
    return matrix[:, : len(model.bundle.features)]


def _outcomes(model: Model, log_odds: LogOdds, rules: NDArray[np.intp]) -> tuple[Outcome, ...]:
    refused = probabilities_of(log_odds) >= model.bundle.threshold
    decided: list[Outcome] = [rule.outcome for rule in model.policy.rules]
    return tuple(
        decided[rule] if rule < len(decided) else "refused" if is_refused else "approved"
        for rule, is_refused in zip(rules.tolist(), refused.tolist(), strict=True)
    )


def _decisions(
    model: Model,
    log_odds: LogOdds,
    outcomes: tuple[Outcome, ...],
    rules: NDArray[np.intp],
    reasons: tuple[tuple[Reason, ...], ...],
) -> Decisions:
    codes = [*(rule.code for rule in model.policy.rules), None]
    if not np.isfinite(log_odds).all():
        raise ValueError("the model gives no probability for some rows: train and register it again")
    return Decisions(
        probabilities=probabilities_of(log_odds),
        scores=model.bundle.score_scale.points(log_odds),
        outcomes=outcomes,
        policy_rules=tuple(codes[rule] for rule in rules.tolist()),
        reasons=reasons,
    )
