"""A candidate before the gate: judged beside the champion on the rows set apart, then given its role."""

from contextlib import suppress
from dataclasses import replace

import numpy as np

from services.scorecard.bundle import Bundle
from services.scorecard.catalogue import Catalogue
from services.scorecard.compatibility import FeatureMissing
from services.scorecard.model import Model, ready
from services.scorecard.policy import Policy
from services.training.candidate import TEST_SHARE, probabilities_on
from services.training.data import LabelledData
from services.training.errors import OtherFormatError, TrainingError, UnreadableError
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
    """Judge a bundle beside the champion of its name; alone where there is none or it cannot be compared.

    Such a champion keeps its place, unless another release made it: none of this one can be compared then.
    Raises TrainingError when the registry does not tell: nobody becomes champion because a network failed.
    """
    version = aliases_of(registry, bundle.model_name).get(CHAMPION)
    candidate = _judged(ready(bundle, policy, catalogue), unseen, catalogue)

    def judge(champion: Judged | None) -> Verdict:
        return judge_candidate(unseen.defaulted, candidate, champion, costs=bundle.costs)

    if version is None:
        return judge(None)
    try:
        model = ready(bundle_of(registry, bundle.model_name, version), policy, catalogue)
        champion = _refuse_unable(_judged(model, unseen, catalogue))
    except (OtherFormatError, FeatureMissing) as error:
        verdict = _instead_of_another_releases(judge(None), version, error)
        say(f"champion version {version} cannot be judged by this release: no comparison")
    except (UnreadableError, ValueError) as error:
        verdict = _beside_a_damaged(judge(None), version, error)
        say(f"champion version {version} cannot decide: no comparison")
    else:
        verdict = judge(champion)
    return replace(verdict, judged_beside=version)


def _instead_of_another_releases(alone: Verdict, version: str, error: Exception) -> Verdict:
    reason = (
        f"{alone.reason} Nothing was compared with champion version {version}, which is of another release "
        f"({error})."
    )
    return replace(alone, reason=reason)


def _beside_a_damaged(alone: Verdict, version: str, error: Exception) -> Verdict:
    if alone.role is None:
        return alone
    reason = (
        f"Every check is passed, but nothing was compared: champion version {version} cannot decide "
        f"({error}). It keeps its place; point the alias at a version that can decide, this one or the "
        "former champion (make promote VERSION=), and train again."
    )
    return replace(alone, role="challenger", reason=reason)


def take_role(registry: Registry, model_name: str, version: str, verdict: Verdict) -> str:
    """Point the alias that a version has earned at it, and return what to say of it.

    A champion that took its place since the comparison keeps it: the version is its challenger.
    """
    verdict = _beside_the_present(verdict, version, aliases_of(registry, model_name).get(CHAMPION))
    if verdict.role == "champion":
        promote(registry, model_name, version)
    elif verdict.role == "challenger":
        registry.set_alias(model_name, CHALLENGER, version)
    standing = f"is the {verdict.role}" if verdict.role else "is registered without a role"
    return f"{model_name} version {version} {standing}. {verdict.reason}"


def _beside_the_present(verdict: Verdict, version: str, champion: str | None) -> Verdict:
    if verdict.role != "champion" or champion in {verdict.judged_beside, version}:
        return verdict
    judged = f"champion version {verdict.judged_beside}" if verdict.judged_beside else "no champion"
    present = f"version {champion} is the champion" if champion else "there is no champion"
    reason = (
        f"It was judged beside {judged}, and {present} meanwhile, which it was not compared with; train "
        f"again, or make it the champion all the same (make promote VERSION={version})."
    )
    return replace(verdict, role="challenger", reason=reason)


def _judged(model: Model, unseen: LabelledData, catalogue: Catalogue) -> Judged:
    golden = golden_or_error(model)
    # Numbers that overflow end in no probability, which the gate tells; numpy need not warn as well.
    with np.errstate(over="ignore", invalid="ignore"):
        return Judged(probabilities_on(unseen, model, catalogue), model.bundle.threshold, golden)


def _refuse_unable(champion: Judged) -> Judged:
    """Return the champion. Raises ValueError when it gives no probability for a golden application."""
    if isinstance(champion.golden, str):
        raise ValueError(champion.golden)  # noqa: TRY004 - the sentence of what it cannot decide
    return champion


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
