"""Brings together what a model card tells of a candidate."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from services.scorecard.bundle import Bundle
from services.scorecard.catalogue import Catalogue
from services.scorecard.performance import Probabilities
from services.training.candidate import Candidate
from services.training.card_facts import CalibrationFacts, CardFacts, DataFacts, FeatureFact
from services.training.comparison import ComparisonRow
from services.training.data import FILE_NAME, LabelledData
from services.training.fairness import fairness
from services.training.intervals import calibration_error_by_chance, intervals
from services.training.versions import versions

FIGURES: Final = {
    "reliability.png": "Calibration on the untouched rows",
    "roc.png": "ROC curve, cross-validated",
    "calibration.png": "Calibration, cross-validated",
    "cost_curve.png": "Business score of every threshold, cross-validated",
    "importance.png": "Importance of features",
    "dependence.png": "What the ten strongest features do, value by value",
    "separation.png": "How far the model parts defaulters from the others",
    "distribution.png": "Probabilities of default by what the loans did",
    "fairness.png": "Approval rate by group",
}


def describe(
    candidate: Candidate,
    seen: LabelledData,
    unseen: LabelledData,
    rows: Sequence[ComparisonRow],
    *,
    found: Probabilities,
    catalogue: Catalogue,
    seed: int,
    verdict: str,
) -> CardFacts:
    """Return what the card of a candidate tells; `found` are its probabilities of the rows set apart."""
    bundle = candidate.bundle
    metrics = intervals(unseen.defaulted, found, bundle.threshold, bundle.costs, seed=seed)
    return CardFacts(
        model_name=bundle.model_name,
        data=_data(seen, unseen),
        features=_features(candidate, catalogue),
        metrics=metrics,
        calibration=CalibrationFacts(
            mean_probability=float(found.mean()),
            default_rate=float(unseen.defaulted.mean()),
            error=metrics["expected_calibration_error"].value,
            error_by_chance=calibration_error_by_chance(found, seed=seed),
            slope=bundle.calibration.slope,
            intercept=bundle.calibration.intercept,
        ),
        threshold=bundle.threshold,
        costs=bundle.costs,
        fairness=fairness(unseen.matrix, catalogue, unseen.defaulted, found >= bundle.threshold),
        versions=_versions(bundle, seed),
        verdict=verdict,
        comparison=tuple(rows),
        figures=FIGURES,
    )


def _versions(bundle: Bundle, seed: int) -> dict[str, str]:
    return {
        "made on": datetime.now(UTC).date().isoformat(),
        "seed": str(seed),
        "policy": bundle.policy_version,
        **versions(),
        "feature catalogue": bundle.catalogue_version,
    }


def _data(seen: LabelledData, unseen: LabelledData) -> DataFacts:
    return DataFacts(
        file_name=FILE_NAME,
        fingerprint=seen.fingerprint,
        rows=len(seen.defaulted) + len(unseen.defaulted),
        default_rate=float(np.mean([*seen.defaulted, *unseen.defaulted])),
        train_rows=len(seen.defaulted),
        test_rows=len(unseen.defaulted),
    )


def _features(candidate: Candidate, catalogue: Catalogue) -> tuple[FeatureFact, ...]:
    formulas = {definition.name: definition.formula for definition in catalogue.definitions}
    return tuple(
        FeatureFact(feature.name, formulas[feature.name], candidate.importance.get(feature.name, 0.0))
        for feature in candidate.bundle.features
    )
