"""A candidate before the gate: judged beside the champion on the rows set apart, then given its role."""

from contextlib import suppress

from services.scorecard.bundle import Bundle, BundleError
from services.scorecard.catalogue import Catalogue
from services.scorecard.compatibility import FeatureMissing
from services.scorecard.model import Model, ready
from services.scorecard.policy import Policy
from services.training.candidate import TEST_SHARE, probabilities_on
from services.training.data import LabelledData
from services.training.errors import TrainingError, UnreadableError
from services.training.gate import judge_candidate
from services.training.golden import golden_or_error
from services.training.paired import Judged
from services.training.progress import Say
from services.training.promote import CHALLENGER, promote
from services.training.register import CHAMPION, Registry
from services.training.registered import aliases_of, bundle_of
from services.training.verdict import Verdict


def judge_beside_champion(
    registry: Registry,
    bundle: Bundle,
    unseen: LabelledData,
    catalogue: Catalogue,
    policy: Policy,
    *,
    say: Say,
) -> Verdict:
    """Judge a bundle beside the champion of its name, or alone where none could decide in this release.

    Raises TrainingError when the registry does not tell: nobody becomes champion because a network failed.
    """
    version = aliases_of(registry, bundle.model_name).get(CHAMPION)
    champion = None
    if version is not None:
        try:
            judged = ready(bundle_of(registry, bundle.model_name, version), policy, catalogue)
            champion = _judged(judged, unseen, catalogue)
        except (BundleError, FeatureMissing, UnreadableError) as error:
            say(f"champion version {version} cannot be judged by this release ({error}): no comparison")
    candidate = _judged(ready(bundle, policy, catalogue), unseen, catalogue)
    return judge_candidate(unseen.defaulted, candidate, champion, costs=bundle.costs)


def take_role(registry: Registry, model_name: str, version: str, verdict: Verdict) -> str:
    """Point the alias that a version has earned at it, and return what to say of it."""
    if verdict.role == "champion":
        promote(registry, model_name, version)
    elif verdict.role == "challenger":
        registry.set_alias(model_name, CHALLENGER, version)
    standing = f"is the {verdict.role}" if verdict.role else "is registered without a role"
    return f"{model_name} version {version} {standing}. {verdict.reason}"


def _judged(model: Model, unseen: LabelledData, catalogue: Catalogue) -> Judged:
    return Judged(probabilities_on(unseen, model, catalogue), model.bundle.threshold, golden_or_error(model))


def refuse_larger_share(registry: Registry, model_name: str, share: float) -> None:
    """Raise TrainingError when the champion learnt from rows that this campaign would judge it on."""
    version = aliases_of(registry, model_name).get(CHAMPION)
    if version is None:
        return
    with suppress(UnreadableError):
        set_apart = bundle_of(registry, model_name, version).metrics.get(TEST_SHARE, share)
        if share > set_apart:
            raise TrainingError(
                f"--test-share {share:g}: the champion, version {version}, learnt from such rows, as its own "
                f"share was {set_apart:g}; set no more apart than that"
            )
