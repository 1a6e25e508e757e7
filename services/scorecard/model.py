"""A bundle made ready to decide."""

from dataclasses import dataclass

import xgboost

from services.contracts.catalogue import FeatureDescription
from services.scorecard.bundle import Bundle, BundleError
from services.scorecard.catalogue import Catalogue
from services.scorecard.explanation import Explainer, explainer_of
from services.scorecard.policy import Policy
from services.scorecard.strongest import ReasonWriter


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything that a decision needs, loaded and checked."""

    bundle: Bundle
    policy: Policy
    booster: xgboost.Booster
    explainer: Explainer
    writer: ReasonWriter
    required: tuple[FeatureDescription, ...]
    """Columns of the matrix to decide on: the booster's, then those that only the policy reads."""
    policy_columns: tuple[int, ...]
    """Which of them each policy rule reads."""


def ready(bundle: Bundle, policy: Policy, catalogue: Catalogue, threads: int = 1) -> Model:
    """Load and check a bundle.

    `catalogue` is where features that only the policy reads are defined; `threads` is for prediction.
    Raises BundleError when the booster does not fit the bundle, and ValueError when the policy reads a
    feature that nobody defines or the bundle's reasons leave a feature out.
    """
    booster = _booster(bundle, threads)
    groups = bundle.reasons.groups_of([feature.name for feature in bundle.features])
    required = bundle.features + _only_for_policy(bundle, policy, catalogue)
    return Model(
        bundle=bundle,
        policy=policy,
        booster=booster,
        explainer=explainer_of(booster, groups),
        writer=ReasonWriter(bundle.reasons, policy),
        required=required,
        policy_columns=policy.columns_in([feature.name for feature in required]),
    )


def _booster(bundle: Bundle, threads: int) -> xgboost.Booster:
    booster = xgboost.Booster({"nthread": threads})
    try:
        booster.load_model(bytearray(bundle.booster))
    except xgboost.core.XGBoostError as error:
        raise BundleError(f"booster: XGBoost {xgboost.__version__} cannot read it ({error})") from error
    if booster.num_features() != len(bundle.features):
        raise BundleError(f"booster: has {booster.num_features()} columns, the bundle {len(bundle.features)}")
    return booster


def _only_for_policy(bundle: Bundle, policy: Policy, catalogue: Catalogue) -> tuple[FeatureDescription, ...]:
    known = {feature.name for feature in bundle.features}
    defined = {feature.name: feature for feature in catalogue.features}
    extra = [name for name in policy.features if name not in known]
    undefined = [name for name in extra if name not in defined]
    if undefined:
        raise ValueError(f"policy.toml: no catalogue defines the feature {', '.join(undefined)}")
    return tuple(defined[name] for name in extra)
