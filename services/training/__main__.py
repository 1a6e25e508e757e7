"""The command that trains and registers a champion: `python -m services.training --data FOLDER`."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidate import Candidate, make_candidate
from services.training.data import LabelledData, read
from services.training.errors import TrainingError
from services.training.fit import TREE_SHAPE
from services.training.options import Options, parse
from services.training.plots import plots
from services.training.register import CHAMPION, Registry


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when there is a new champion, 2 after a sentence that says why there is none."""
    options = parse(arguments)
    tracking_uri = os.environ.get("MLFLOW_TRACKING_URI") or "http://127.0.0.1:5000"
    try:
        train(options, Registry(tracking_uri, options.experiment), partial(print, flush=True))
    except TrainingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def train(options: Options, registry: Registry, say: Callable[[str], None]) -> None:
    """Read, train, log, register, and make the new version champion, in this order.

    Raises TrainingError when a step fails; the champion is then the one from before.
    """
    begun = perf_counter()
    catalogue = standard_catalogue()
    data = read(options.data, catalogue, options.folds)
    rows, share = len(data.defaulted), data.defaulted.mean()
    say(f"{rows:,} applications, {share:.1%} defaulted; fitting {options.fitting.trees} trees on each fold")
    registry.connect()
    candidate = make_candidate(data, catalogue, load_policy(), options, say)
    say(_summary(candidate))
    model_uri = registry.log(
        candidate.bundle, _parameters(data, candidate, options), candidate.evidence.metrics, plots(candidate)
    )
    version = registry.register(model_uri, options.model_name)
    registry.set_alias(options.model_name, CHAMPION, version)
    say(f"{options.model_name} version {version} is the champion, after {perf_counter() - begun:.0f} s")


def _summary(candidate: Candidate) -> str:
    metrics = candidate.evidence.metrics
    return (
        f"on unseen rows: AUC {metrics['auc']:.4f} (standard error {metrics['auc_standard_error']:.4f}), "
        f"business score {metrics['business_score']:.4f} at threshold {candidate.bundle.threshold:.4f}, "
        f"calibration error {metrics['expected_calibration_error']:.4f}\n"
        f"most important: {', '.join(list(candidate.importance)[:5])}"
    )


def _parameters(data: LabelledData, candidate: Candidate, options: Options) -> dict[str, object]:
    bundle = candidate.bundle
    return {
        "data_sha256": data.fingerprint,
        "rows": len(data.defaulted),
        "features": len(bundle.features),
        "catalogue_version": bundle.catalogue_version,
        "policy_version": bundle.policy_version,
        "trees": options.fitting.trees,
        "rate": options.fitting.rate,
        **TREE_SHAPE,
        "seed": options.fitting.seed,
        "folds": options.folds,
        "cost_false_negative": options.costs.false_negative,
        "cost_false_positive": options.costs.false_positive,
        "threshold": bundle.threshold,
    }


if __name__ == "__main__":
    sys.exit(main())
