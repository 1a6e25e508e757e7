"""A bundle made ready to decide."""

from dataclasses import dataclass
from functools import partial
from importlib import import_module

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from services.contracts.catalogue import FeatureDescription
from services.scorecard.booster_document import BoosterDocument
from services.scorecard.bundle import Bundle, BundleError
from services.scorecard.catalogue import Catalogue
from services.scorecard.curves import CurveReader
from services.scorecard.explanation import Explainer, ExplainerWithCurves, explainer_of
from services.scorecard.policy import Policy
from services.scorecard.strongest import ReasonWriter
from services.scorecard.unstated import sees_what_is_stated


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything that a decision needs, loaded and checked."""

    bundle: Bundle
    policy: Policy
    explainer: Explainer
    writer: ReasonWriter
    required: tuple[FeatureDescription, ...]
    """Columns of the matrix to decide on: the booster's, then those that only the policy reads."""
    policy_columns: tuple[int, ...]
    """Which of them each policy rule reads."""


def ready(bundle: Bundle, policy: Policy, catalogue: Catalogue, threads: int = 1) -> Model:
    """Load and check a bundle.

    `catalogue` is where features that only the policy reads are defined, and says what all are computed
    from; `threads` is for prediction by XGBoost, where the bundle needs it. Raises BundleError when the
    booster does not fit the bundle or does not give what it gave at training, and ValueError when the policy
    reads a feature that nobody defines or the bundle's reasons leave a feature out.
    """
    names = [feature.name for feature in bundle.features]
    groups = bundle.reasons.groups_of(names)
    sees_stated = sees_what_is_stated(bundle.reasons.groups, names, catalogue)
    required = bundle.features + _only_for_policy(bundle, policy, catalogue)
    return Model(
        bundle=bundle,
        policy=policy,
        explainer=_explainer(bundle, groups, threads),
        writer=ReasonWriter(bundle.reasons, policy, groups, sees_stated),
        required=required,
        policy_columns=policy.columns_in([feature.name for feature in required]),
    )


def _explainer(bundle: Bundle, groups: NDArray[np.intp], threads: int) -> Explainer:
    slow = partial(_slow_explainer, bundle, groups, threads)
    trees = explainer_of(_document(bundle), bundle.probe, groups, slow)
    if not bundle.curves:
        return trees
    try:
        curves = CurveReader(bundle.curves, [feature.name for feature in bundle.features], groups)
    except ValueError as error:
        raise BundleError(str(error)) from error
    return ExplainerWithCurves(trees, curves)


def _document(bundle: Bundle) -> BoosterDocument:
    try:
        document = BoosterDocument.model_validate_json(bundle.booster)
    except ValidationError as error:
        raise BundleError(f"booster: is not XGBoost's JSON ({error})") from error
    columns = document.learner.learner_model_param.num_feature
    if columns != len(bundle.features):
        raise BundleError(f"booster: has {columns} columns, the bundle {len(bundle.features)}")
    return document


def _slow_explainer(bundle: Bundle, groups: NDArray[np.intp], threads: int) -> Explainer:
    """Return XGBoost's own explainer. Raises BundleError where XGBoost is not installed."""
    # By its name and only now: it takes seconds, is optional, and no model that training makes needs it.
    try:
        booster = import_module("services.scorecard.booster")
    except ModuleNotFoundError as error:
        raise BundleError(
            f"booster: only XGBoost can run it, and {error.name} is not installed",
            "install the extra that has it (pip install 'octroi[training]'), or train trees of depth 3",
        ) from error
    explainer: Explainer = booster.BoosterExplainer(booster.loaded(bundle.booster, threads), groups)
    return explainer


def _only_for_policy(bundle: Bundle, policy: Policy, catalogue: Catalogue) -> tuple[FeatureDescription, ...]:
    known = {feature.name for feature in bundle.features}
    defined = {feature.name: feature for feature in catalogue.features}
    extra = [name for name in policy.features if name not in known]
    undefined = [name for name in extra if name not in defined]
    if undefined:
        raise ValueError(f"policy.toml: no catalogue defines the feature {', '.join(undefined)}")
    return tuple(defined[name] for name in extra)
