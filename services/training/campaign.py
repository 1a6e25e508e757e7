"""The whole campaign: from the raw table to a version in the registry with the role that it has earned."""

from collections.abc import Mapping
from dataclasses import asdict
from time import perf_counter

from services.scorecard.bundle import Bundle
from services.scorecard.catalogue import Catalogue
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.candidacy import judge_beside_champion, refuse_larger_share, take_role
from services.training.candidate import Candidate, make_candidate, probabilities_on
from services.training.card_data import card_data
from services.training.card_facts import CardFacts
from services.training.card_files import card_files
from services.training.card_summary import description
from services.training.compare import Compared, Comparing, compare
from services.training.comparison import ComparisonRow, comparison, table
from services.training.constraints import learnable
from services.training.data import LabelledData, check_parts, read
from services.training.data_check import data_report, refuse_duplicates, unknown_words_told
from services.training.description import describe
from services.training.fit_trees import TREE_SHAPE
from services.training.options import Options
from services.training.progress import Say
from services.training.register import CARD_FOLDER, Registry
from services.training.split import untouched
from services.training.tracking import campaign_run, record_comparison, record_text
from services.training.verdict import Verdict


def train(options: Options, registry: Registry, say: Say) -> Verdict:
    """Run the campaign, and return the gate's verdict on its candidate.

    1. Read and check. 2. Set rows apart. 3. Compare models. 4. Make the candidate. 5. Judge it beside the
    champion on the rows set apart. 6. Log it with its card. 7. Register it, in the role it has earned.
    Raises TrainingError when a step fails; nothing is registered then, and the champion is the one before.
    """
    begun = perf_counter()
    catalogue, policy = standard_catalogue(), load_policy()
    data, seen, unseen = _read(options, catalogue, say)
    registry.connect()
    refuse_larger_share(registry, options.model_name, options.test_share)
    with registry.asking("log the campaign"), campaign_run(_parameters(data, options)):
        record_text("data-check.md", data_report(data, catalogue))
        rows = compare_models(seen, catalogue, options, say) if options.comparison != "none" else ()
        say("fitting the candidate on each fold")
        candidate = make_candidate(seen, catalogue, policy, options, say)
        say(_cross_validated(candidate))
        verdict = judge_beside_champion(registry, candidate.bundle, unseen, catalogue, policy, say=say)
        found = probabilities_on(unseen, ready(candidate.bundle, policy, catalogue), catalogue)
        facts = describe(
            *(candidate, seen, unseen, rows),
            found=found,
            catalogue=catalogue,
            seed=options.fitting.seed,
            verdict=verdict.reason,
        )
        files = card_files(candidate, facts, unseen.defaulted, found)
        numbers = card_data(candidate, unseen, found, catalogue)
        version = _register(registry, candidate.bundle, facts, verdict, {**files, **numbers})
    say(verdict.report())
    say(take_role(registry, options.model_name, version, verdict))
    say(_where(options))
    say(f"done after {perf_counter() - begun:.0f} s")
    return verdict


def _read(
    options: Options, catalogue: Catalogue, say: Say
) -> tuple[LabelledData, LabelledData, LabelledData]:
    """Return the checked rows: all of them, those to learn from, and those set apart for the end."""
    data = read(options.data, catalogue, options.folds)
    refuse_duplicates(data.identifiers)
    apart = untouched(data.identifiers, data.defaulted, options.test_share)
    seen, unseen = data.part(~apart), data.part(apart)
    check_parts(seen, unseen, options.folds)
    say(
        f"{len(data.defaulted):,} applications, {data.defaulted.mean():.1%} defaulted; "
        f"{len(unseen.defaulted):,} of them are set apart for the end"
    )
    if data.unknown_words:
        say(unknown_words_told(data))
    return data, seen, unseen


def _where(options: Options) -> str:
    return (
        "MLflow has the model card and all figures: make up shows its pages; experiment "
        f"{options.experiment}, run candidate, folder {CARD_FOLDER}"
    )


def _register(
    registry: Registry, bundle: Bundle, facts: CardFacts, verdict: Verdict, card: Mapping[str, bytes]
) -> str:
    """Log the candidate with its card, and make it a version of its registered model, which is returned."""
    tested = {f"test_{name}": interval.value for name, interval in facts.metrics.items()}
    metrics = {**bundle.metrics, **tested, **verdict.metrics()}
    files = {**card, "gate.md": verdict.report().encode()}
    model_uri = registry.log(bundle, _chosen(bundle), metrics, files)
    tags = {
        "git_revision": facts.versions["git revision"],
        "lock_sha256": facts.versions["requirements.lock"],
        "data_sha256": facts.data.fingerprint,
    }
    return registry.register(model_uri, bundle, tags=tags, description=description(facts))


def compare_models(
    data: LabelledData, catalogue: Catalogue, options: Options, say: Say
) -> tuple[ComparisonRow, ...]:
    """Compare all arms on rows of the training part; log the table and its figure, and say it."""
    how = Comparing(
        quick=options.comparison == "quick",
        rows=options.compared_rows,
        fitting=options.compared,
        folds=options.folds,
        costs=options.costs,
        workers=options.workers if options.scheduler is None else -1,
        scheduler=options.scheduler,
    )
    places = learnable(data.matrix, catalogue.definitions)
    definitions = [catalogue.definitions[place] for place in places]
    compared = Compared(data.matrix[:, places], data.defaulted, definitions)
    rows = comparison(compare(compared, how, say))
    record_comparison(rows)
    say(table(rows))
    return rows


def _cross_validated(candidate: Candidate) -> str:
    metrics = candidate.evidence.metrics
    return (
        f"cross-validated: AUC {metrics['auc_mean_of_folds']:.4f} (standard error "
        f"{metrics['auc_standard_error']:.4f}), business score {metrics['business_score_mean_of_folds']:.4f} "
        f"({metrics['business_score_standard_error']:.4f}), calibration error "
        f"{metrics['calibration_error_platt']:.4f}; {metrics['trees']:.0f} trees, threshold "
        f"{candidate.bundle.threshold:.4f}\n"
        f"most important: {', '.join(list(candidate.importance)[:5])}"
    )


def _parameters(data: LabelledData, options: Options) -> dict[str, object]:
    return {
        "data_sha256": data.fingerprint,
        "rows": len(data.defaulted),
        "test_share": options.test_share,
        "comparison": options.comparison,
        **TREE_SHAPE,
        **asdict(options.fitting),
        "folds": options.folds,
        "cost_false_negative": options.costs.false_negative,
        "cost_false_positive": options.costs.false_positive,
    }


def _chosen(bundle: Bundle) -> dict[str, object]:
    return {
        "features": len(bundle.features),
        "trees": int(bundle.metrics["trees"]),
        "catalogue_version": bundle.catalogue_version,
        "policy_version": bundle.policy_version,
        "threshold": bundle.threshold,
    }
