"""A small scorecard for tests: a real booster on a few features of the catalogue in force."""

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import xgboost

from services.contracts.events import ModelIdentity
from services.scorecard.booster import saved
from services.scorecard.bundle import Bundle, Costs
from services.scorecard.calibration import Calibration
from services.scorecard.catalogue import Catalogue
from services.scorecard.curves import Curve
from services.scorecard.model import Model
from services.scorecard.policy import load_policy
from services.scorecard.profile import reference_profile
from services.scorecard.reasons import load_reasons
from services.scorecard.score import ScoreScale
from services.scorecard.standard import standard_catalogue
from services.scoring.binding import Bindings
from services.scoring.catalogues import Catalogues
from services.scoring.handler import ScoringHandler
from services.scoring.models import LoadedModel, Models
from services.scoring.trials import Trials

CURVES = (
    Curve(feature="EXT_SOURCE_2", points=(0.1, 0.5, 0.9), log_odds=(0.5, 0.1, -0.4), missing=0.05),
    Curve(feature="DAYS_EMPLOYED", points=(0.0, 1.0), log_odds=(-0.1, 0.1), missing=0.0),
)
FEATURES = ("EXT_SOURCE_2", "EXT_SOURCE_3", "AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH", "DAYS_EMPLOYED")


def small_bundle(
    *,
    seed: int = 1,
    threshold: float = 0.1,
    features: Sequence[str] = FEATURES,
    catalogue: Catalogue | None = None,
) -> Bundle:
    """Return a bundle whose booster learned noise of `seed` and a signal in EXT_SOURCE_2, with curves."""
    catalogue = catalogue or standard_catalogue()
    random = np.random.default_rng(seed)
    matrix = random.random((400, len(features)), dtype=np.float32)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    defaulted = random.random(400) < np.where(np.nan_to_num(matrix[:, 0], nan=0.5) < 0.3, 0.4, 0.1)
    parameters = {"max_depth": 3, "eta": 0.3, "seed": seed, "nthread": 1, "objective": "binary:logistic"}
    booster = xgboost.train(parameters, xgboost.DMatrix(matrix, defaulted), num_boost_round=12)
    kept = saved(booster)
    chosen = [catalogue.names.index(name) for name in features]
    return Bundle(
        model_name="octroi-scorecard",
        created_by="tests",
        catalogue_version=catalogue.version,
        features=tuple(catalogue.features[place] for place in chosen),
        curves=tuple(curve for curve in CURVES if curve.feature in features),
        calibration=Calibration(),
        threshold=threshold,
        costs=Costs(),
        score_scale=ScoreScale(),
        reasons=load_reasons(),
        policy_version=load_policy().version,
        reference_profile=reference_profile(
            matrix, [catalogue.definitions[place] for place in chosen], list(features[:2]), np.full(400, 600)
        ),
        metrics={"auc": 0.6},
        booster=kept.booster,
        probe=kept.probe,
    )


def scoring_handler(model: Model, catalogue: Catalogue, now: Callable[[], datetime]) -> ScoringHandler:
    """Return the scoring stage's handler with `model` as its champion, without a registry."""
    champion = LoadedModel(ModelIdentity(name="octroi-scorecard", version="1", role="champion"), model)
    bindings = Bindings(Catalogues(catalogue), lambda *_: None)
    trials = Trials(catalogue, bindings, now=now)
    return ScoringHandler(lambda: Models(champion=champion), bindings, trials, now=now)
