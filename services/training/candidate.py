"""Makes a candidate for champion: a bundle, and the evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from services.scorecard.booster import saved
from services.scorecard.bundle import Bundle
from services.scorecard.catalogue import Catalogue, FeatureDefinition, Matrix
from services.scorecard.compatibility import bind
from services.scorecard.decide import probabilities
from services.scorecard.model import Model, ready
from services.scorecard.performance import Probabilities
from services.scorecard.policy import Policy
from services.scorecard.profile import reference_profile, reference_rows
from services.scorecard.reasons import load_reasons
from services.scorecard.score import ScoreScale
from services.training.constraints import learnable
from services.training.data import LabelledData
from services.training.evidence import Evidence, judge
from services.training.fit import Fitted, fit
from services.training.importance import Influence, influence
from services.training.monitored import monitored_features
from services.training.options import Options
from services.training.out_of_fold import out_of_fold
from services.training.progress import Say

TEST_SHARE: Final = "test_share"
"""Name under which a bundle says what share of the rows it has not seen."""
MANY_ROWS: Final = 50_000
"""From so many rows on, one cross-validation tells enough."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that could become champion."""

    bundle: Bundle
    evidence: Evidence
    influence: Influence

    @cached_property
    def importance(self) -> Mapping[str, float]:
        """Share of all contributions to the log-odds by feature, the highest first."""
        return self.influence.shares()


def make_candidate(
    data: LabelledData, catalogue: Catalogue, policy: Policy, options: Options, say: Say
) -> Candidate:
    """Cross-validate, calibrate, choose the threshold, and fit on all rows.

    Raises NothingLearntError when the data tell nothing about defaults.
    """
    places = learnable(data.matrix, catalogue.definitions)
    matrix = np.ascontiguousarray(data.matrix[:, places])
    definitions = [catalogue.definitions[place] for place in places]
    # Fits run side by side, and on any number of threads each must give the same bytes.
    with threadpool_limits(1):
        unseen = out_of_fold(
            *(matrix, data.defaulted, definitions, options.fitting),
            folds=options.folds,
            repeats=options.repeats or (1 if len(matrix) >= MANY_ROWS else 3),
            workers=options.workers,
            say=say,
        )
        evidence = judge(unseen, options.costs)
        fitted = fit(matrix, data.defaulted, definitions, options.fitting, unseen.trees)
    explained = influence(
        fitted, matrix, definitions, slope=evidence.calibration.slope, seed=options.fitting.seed
    )
    bundle = Bundle(
        **_measured(data.fingerprint, evidence, options),
        **_learnt(fitted, explained.shares(), matrix, definitions, evidence, seed=options.fitting.seed),
        catalogue_version=catalogue.version,
        features=tuple(catalogue.features[places[place]] for place in fitted.places),
        score_scale=ScoreScale(),
        reasons=load_reasons(),
        policy_version=policy.version,
    )
    # What scoring would refuse is better refused here.
    ready(bundle, policy, catalogue)
    return Candidate(bundle, evidence, explained)


def _measured(fingerprint: str, evidence: Evidence, options: Options) -> dict[str, Any]:
    """Return the bundle's fields that unseen rows decided."""
    return {
        "model_name": options.model_name,
        "created_by": f"services.training, data {fingerprint}, seed {options.fitting.seed}",
        "calibration": evidence.calibration,
        "threshold": evidence.cost_curve.best_threshold(),
        "costs": options.costs,
        "metrics": {**evidence.metrics, TEST_SHARE: options.test_share},
    }


def _learnt(
    fitted: Fitted,
    shares: Mapping[str, float],
    matrix: Matrix,
    definitions: Sequence[FeatureDefinition],
    evidence: Evidence,
    *,
    seed: int,
) -> dict[str, Any]:
    """Return the bundle's fields that were learnt from all rows, and what these were like."""
    kept, names = saved(fitted.booster), [definition.name for definition in definitions]
    monitored = monitored_features(shares, matrix, names)
    scores = ScoreScale().points(evidence.log_odds)
    return {
        **kept._asdict(),
        "curves": fitted.curves,
        "reference_profile": reference_profile(matrix, definitions, monitored, scores),
        "reference": reference_rows(matrix, names, monitored, seed=seed),
    }


def probabilities_on(data: LabelledData, model: Model, catalogue: Catalogue) -> Probabilities:
    """Return a model's calibrated probabilities of rows with all features of the catalogue.

    Raises FeatureMissing when the catalogue lacks a feature of the model.
    """
    return probabilities(model, data.matrix[:, bind(model.required, catalogue.features)])
