"""Makes a candidate for champion: a bundle, and the evidence for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
import xgboost

from services.scorecard.booster import saved
from services.scorecard.bundle import Bundle
from services.scorecard.calibration import Calibration, LogOdds, probabilities_of
from services.scorecard.catalogue import Catalogue
from services.scorecard.model import ready
from services.scorecard.policy import Policy
from services.scorecard.profile import reference_profile
from services.scorecard.reasons import load_reasons
from services.scorecard.score import ScoreScale
from services.training.calibrate import platt
from services.training.data import LabelledData
from services.training.errors import NothingLearntError
from services.training.fit import OutOfFold, fit, out_of_fold, varying
from services.training.metrics import quality
from services.training.options import Options
from services.training.threshold import CostCurve, Defaulted, cost_curve

MONITORED_FEATURES: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """How a model did on rows that its trees had not seen."""

    defaulted: Defaulted
    log_odds: LogOdds
    """Calibrated."""
    calibration: Calibration
    cost_curve: CostCurve
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A model that could become champion."""

    bundle: Bundle
    evidence: Evidence
    importance: Mapping[str, float]
    """Share of the trees' total gain by feature, the highest first; features of no tree are left out."""


def make_candidate(
    data: LabelledData, catalogue: Catalogue, policy: Policy, options: Options, say: Callable[[str], None]
) -> Candidate:
    """Cross-validate, calibrate, choose the threshold, and fit on all rows.

    Raises NothingLearntError when the data tell nothing about defaults.
    """
    places = varying(data.matrix)
    matrix = np.ascontiguousarray(data.matrix[:, places])
    definitions = [catalogue.definitions[place] for place in places]
    unseen = out_of_fold(
        matrix, data.defaulted, options.fitting, options.folds, workers=options.workers, say=say
    )
    evidence = judge(data.defaulted, unseen, options)
    booster = fit(matrix, data.defaulted, options.fitting)
    importance = importance_of(booster, [definition.name for definition in definitions])
    scale, kept = ScoreScale(), saved(booster)
    bundle = Bundle(
        model_name=options.model_name,
        created_by=f"services.training, data {data.fingerprint}, seed {options.fitting.seed}",
        catalogue_version=catalogue.version,
        features=tuple(catalogue.features[place] for place in places),
        calibration=evidence.calibration,
        threshold=evidence.cost_curve.best_threshold(),
        costs=options.costs,
        score_scale=scale,
        reasons=load_reasons(),
        policy_version=policy.version,
        reference_profile=reference_profile(
            matrix, definitions, list(importance)[:MONITORED_FEATURES], scale.points(evidence.log_odds)
        ),
        metrics=evidence.metrics,
        booster=kept.booster,
        probe=kept.probe,
    )
    # What scoring would refuse is better refused here.
    ready(bundle, policy, catalogue)
    return Candidate(bundle, evidence, importance)


def judge(defaulted: Defaulted, unseen: OutOfFold, options: Options) -> Evidence:
    """Calibrate margins of unseen rows, choose the threshold that costs least, and measure both.

    Raises NothingLearntError when the margins rank no better than chance.
    """
    aucs = unseen.fold_aucs
    if aucs.mean() <= best_auc_by_chance(defaulted):
        raise NothingLearntError
    calibration = platt(unseen.margins, defaulted)
    log_odds = calibration.log_odds(unseen.margins)
    probabilities = probabilities_of(log_odds)
    curve = cost_curve(defaulted, probabilities, options.costs)
    metrics = quality(defaulted, probabilities, curve.best_threshold(), options.costs)
    error = float(aucs.std(ddof=1) / sqrt(len(aucs)))
    metrics |= {"auc_mean_of_folds": float(aucs.mean()), "auc_standard_error": error}
    return Evidence(defaulted, log_odds, calibration, curve, metrics)


def best_auc_by_chance(defaulted: Defaulted) -> float:
    """Return the AUC that random margins exceed in one of forty cases.

    Source: the variance of the statistic of Mann and Whitney, On a Test of Whether One of Two Random
    Variables is Stochastically Larger than the Other (1947); AUC is that statistic as a share.
    """
    rows, bad = len(defaulted), int(defaulted.sum())
    return 0.5 + 1.96 * sqrt((rows + 1) / (12 * bad * (rows - bad)))


def importance_of(booster: xgboost.Booster, names: list[str]) -> dict[str, float]:
    """Return each feature's share of the trees' total gain, the highest first."""
    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    total = sum(gains.values())
    # The booster knows its columns as f0, f1 and so on.
    shares = {names[int(column[1:])]: gain / total for column, gain in gains.items()}
    return dict(sorted(shares.items(), key=lambda share: (-share[1], share[0])))
