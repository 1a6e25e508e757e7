"""From the sums of a window to what a tick tells: pure."""

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.contracts.events import HIGHEST_SCORE, LOWEST_SCORE, OUTCOMES
from services.monitoring.champion import Watched
from services.monitoring.decision_tally import AGE_EDGES, DecisionLayout
from services.monitoring.distances import distance, stability_index, statistic_of
from services.monitoring.feature_tally import FeatureCounts
from services.monitoring.noise import noise_at
from services.monitoring.summary import Ages, Decisions, Expected, FeatureDrift, Shadow, WindowSummary
from services.monitoring.tally import Tally
from services.monitoring.windows import Window
from services.scorecard.performance import score_of_errors
from services.scorecard.profile import Distribution

LEAST_VALUES: Final = 200
"""A window with fewer values of a feature tells no distance."""


def summarise(
    watched: Watched,
    features: Window,
    decisions: Window,
    *,
    at: datetime,
    window: str,
    segment: str,
    threshold: float,
    challenger: str | None = None,
) -> WindowSummary:
    """Return what a window tells against the champion's reference profile, and of the challenger of now."""
    tally = watched.features.empty() if features.tally is None else features.tally
    layout = watched.decisions
    decided = layout.empty() if decisions.tally is None else decisions.tally
    return WindowSummary(
        at=at,
        window=window,
        segment=segment,
        model_version=watched.version,
        rows=features.rows,
        begins=features.begins,
        ends=features.ends,
        threshold=threshold,
        features=_features(watched, tally, threshold),
        decisions=_decisions(watched, decided),
        expected=_expected(layout, decided),
        shadow=_shadow(layout, decisions, challenger),
        ages=_ages(layout.part(decided, "ages")),
    )


def _features(watched: Watched, tally: Tally, threshold: float) -> tuple[FeatureDrift, ...]:
    rows = watched.features.rows(tally)
    parts = zip(watched.features.parts(tally), watched.noise, strict=True)
    return tuple(_feature(reference, counts, rows, noise, threshold) for (reference, counts), noise in parts)


def _feature(
    reference: Distribution, counts: FeatureCounts, rows: int, noise: float, threshold: float
) -> FeatureDrift:
    values = float(counts.counts.sum())
    told = values >= LEAST_VALUES
    found = distance(reference, counts) if told else None
    return FeatureDrift(
        name=reference.name,
        statistic=statistic_of(reference),
        distance=found,
        psi=stability_index(reference, counts.counts) if told else None,
        missing=counts.missing / rows if rows else 0.0,
        missing_reference=reference.missing,
        unknown=counts.unknown / rows if rows else 0.0,
        outside=counts.outside / values if values else 0.0,
        drifted=found is not None and found >= max(threshold, noise_at(noise, values)),
    )


def _decisions(watched: Watched, tally: Tally) -> Decisions:
    layout = watched.decisions
    outcomes, scores = layout.part(tally, "outcomes"), layout.part(tally, "scores")
    rows = float(outcomes.sum())
    shares = dict(zip(OUTCOMES, (outcomes / max(rows, 1)).tolist(), strict=True))
    points = np.arange(LOWEST_SCORE, HIGHEST_SCORE + 1)
    reference = watched.bundle.reference_profile.score
    bins = np.searchsorted(np.array(reference.edges), points, side="right")
    by_bin = np.bincount(bins, scores, len(reference.shares)).astype(np.float64)
    return Decisions(
        rows=int(rows),
        approved=shares["approved"],
        refused=shares["refused"],
        review=shares["review"],
        mean_probability=float(layout.part(tally, "probability_sums").sum()) / rows if rows else None,
        mean_score=float(scores @ points) / rows if rows else None,
        score_psi=stability_index(reference, by_bin) if rows >= LEAST_VALUES else None,
        reasons=_reasons(layout, layout.part(tally, "reasons")),
    )


def _reasons(layout: DecisionLayout, counts: NDArray[np.float64]) -> dict[str, float]:
    shares = (counts / max(counts.sum(), 1)).tolist()
    told = [
        (share, code) for share, code in zip(shares, (*layout.reason_codes, "OTHER"), strict=True) if share
    ]
    return {code: share for share, code in sorted(told, reverse=True)}


def _expected(layout: DecisionLayout, tally: Tally) -> Expected | None:
    outcomes, sums = layout.part(tally, "outcomes"), layout.part(tally, "probability_sums")
    if not outcomes.sum():
        return None
    approved, refused = OUTCOMES.index("approved"), OUTCOMES.index("refused")
    bad, rows = float(sums.sum()), float(outcomes.sum())
    false_negatives = float(sums[approved])
    false_positives = float(outcomes[refused] - sums[refused])
    return Expected(
        default_rate=bad / rows,
        false_negatives=false_negatives,
        false_positives=false_positives,
        business_score=score_of_errors(
            false_negatives, false_positives, bad=bad, good=rows - bad, costs=layout.costs
        ),
        auc=expected_auc(layout.part(tally, "probabilities"), layout.part(tally, "probability_sums_by_bin")),
    )


def expected_auc(rows: NDArray[np.float64], bad: NDArray[np.float64]) -> float | None:
    """Return the AUC that calibrated probabilities promise, from rows and expected defaulters by bin.

    Of a defaulter and a good client in one bin, each ranks first as often as the other.
    """
    good = rows - bad
    pairs = bad.sum() * good.sum()
    if not pairs:
        return None
    before = np.cumsum(good) - good
    return float(bad @ (before + good / 2) / pairs)


def _shadow(layout: DecisionLayout, decisions: Window, challenger: str | None) -> Shadow | None:
    if challenger is None or challenger not in decisions.heard:
        return None
    tally = decisions.heard[challenger]
    rows, _, ours, theirs, our_cost, their_cost = layout.part(tally, "shadow").tolist()
    return Shadow(
        version=challenger,
        rows=int(rows),
        agreement=1 - (ours + theirs) / rows,
        approved_by_challenger_alone=theirs / rows,
        approved_by_champion_alone=ours / rows,
        champion_cost=our_cost / rows,
        challenger_cost=their_cost / rows,
    )


def _ages(counts: NDArray[np.float64]) -> Ages | None:
    if not counts.sum():
        return None
    reached = np.cumsum(counts) / counts.sum()
    p50, p95, p99 = (
        float(AGE_EDGES[min(int(np.searchsorted(reached, share)), len(AGE_EDGES) - 1)])
        for share in (0.5, 0.95, 0.99)
    )
    return Ages(p50=p50, p95=p95, p99=p99)
