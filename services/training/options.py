"""What can be adjusted, and how it is said on the command line."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Final, Literal, NoReturn

from services.kit.registered_model import MODEL_NAME
from services.scorecard.bundle import Costs
from services.training.fit_trees import Fitting

Comparison = Literal["full", "quick", "none"]
TREES, RATE = 3000, 0.03
QUICK_TREES, QUICK_RATE = 750, 0.12
COMPARED_TREES, QUICK_COMPARED_TREES, COMPARED_LEARNT = 500, 120, 15.0
"""Trees of boosted models that are compared, and their number times the rate."""
_MOST_APART: Final = 0.5
_DESCRIPTION: Final = """\
Compares models on labelled applications, trains a scorecard, logs all of it to MLflow, registers the
scorecard, and gives it the role that it earns beside the champion on rows set apart. With one seed and one
file the model is the same each time.
The MLflow server is the one that the environment variable MLFLOW_TRACKING_URI names,
http://127.0.0.1:5000 if there is none; OCTROI_MODEL_NAME names the registered model."""


@dataclass(frozen=True, slots=True)
class Options:
    """One training."""

    data: Path
    """Folder of application_train.csv."""
    fitting: Fitting
    folds: int
    repeats: int | None
    """Times that the candidate is cross-validated, each on other folds; None to go by the number of rows."""
    costs: Costs
    workers: int
    """Fits that run side by side; the result does not depend on it."""
    model_name: str
    experiment: str
    comparison: Comparison
    compared_rows: int
    """At most so many rows are compared on."""
    compared: Fitting
    """How boosted trees and scorecards are fitted to be compared: a number of trees instead of a limit."""
    test_share: float
    """Share of the rows that nothing is fitted, chosen or calibrated on."""
    unless_champion: bool
    """Train nothing where the registered model has a champion."""
    scheduler: str | None
    """Address of a Dask cluster that searches; None for this machine."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence and end with code 2."""
        self.exit(2, f"{message}; see {self.prog} --help\n")


def parse(arguments: Sequence[str] | None = None, *, model_name: str = MODEL_NAME) -> Options:
    """Read the command line; `model_name` is the default of its option.

    Raises SystemExit: 0 after the help, 2 after a sentence on what is wrong.
    """
    chosen = _parser(model_name).parse_args(arguments)
    fitting = _fitting(chosen)
    number = min(fitting.trees, QUICK_COMPARED_TREES if chosen.quick else COMPARED_TREES)
    return Options(
        data=chosen.data,
        fitting=fitting,
        folds=chosen.folds,
        repeats=chosen.repeats or (1 if chosen.quick else None),
        costs=Costs(false_negative=chosen.cost_false_negative, false_positive=chosen.cost_false_positive),
        workers=chosen.workers,
        model_name=chosen.model_name,
        experiment=chosen.experiment,
        comparison=chosen.comparison or ("quick" if chosen.quick else "full"),
        compared_rows=chosen.compared_rows,
        compared=replace(fitting, trees=number, rate=COMPARED_LEARNT / number),
        test_share=chosen.test_share,
        unless_champion=chosen.unless_champion,
        scheduler=_scheduler(chosen.backend, chosen.scheduler),
    )


def _fitting(chosen: argparse.Namespace) -> Fitting:
    trees, rate = (QUICK_TREES, QUICK_RATE) if chosen.quick else (TREES, RATE)
    return Fitting(
        trees=chosen.trees or trees,
        rate=chosen.rate or rate,
        seed=chosen.seed,
        features=chosen.features,
        ridge=chosen.ridge,
        constrained=not chosen.unconstrained,
        device=chosen.device,
    )


def _parser(model_name: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m services.training",
        usage="%(prog)s --data FOLDER [options]",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="folder with application_train.csv"
    )
    _add_model_options(parser.add_argument_group("the model"))
    _add_comparison_options(parser.add_argument_group("the comparison"))
    _add_registry_options(parser.add_argument_group("the registry"), model_name)
    return parser


def _add_model_options(group: argparse._ArgumentGroup) -> None:
    costs, add = Costs(), group.add_argument
    add("--seed", type=_whole(0), default=7, metavar="N", help="seed of the random numbers (%(default)s)")
    add("--folds", type=_whole(2), default=5, metavar="N", help="parts to cross-validate on (%(default)s)")
    repeats = "times to cross-validate, each on other parts (3; 1 for 50,000 rows and more)"
    add("--repeats", type=_whole(1), metavar="N", help=repeats)
    add(
        "--trees",
        type=_whole(1),
        metavar="N",
        help=f"most trees; they stop when unseen rows gain nothing ({TREES})",
    )
    add("--rate", type=_positive, metavar="X", help=f"how much each tree corrects ({RATE})")
    add("--features", type=_whole(1), default=80, metavar="N", help="most features (%(default)s)")
    ridge = "how strongly curves are held back (%(default)g)"
    add("--ridge", type=_positive, default=2000.0, metavar="X", help=ridge)
    free = "let risks go any way, also up with a better external score or a longer employment"
    add("--unconstrained", action="store_true", help=free)
    quick = f"rate {QUICK_RATE} and one cross-validation: a quarter of the time, a little worse"
    add("--quick", action="store_true", help=quick)
    for error, cost, meaning in (
        ("negative", costs.false_negative, "a defaulter accepted"),
        ("positive", costs.false_positive, "a good client refused"),
    ):
        add(
            f"--cost-false-{error}",
            type=_positive,
            default=cost,
            metavar="X",
            help=f"cost of {meaning}, in any unit (%(default)g)",
        )
    workers = "trainings side by side; the result is the same for any number (all cores: %(default)s)"
    add("--workers", type=_whole(1), default=os.cpu_count() or 1, metavar="N", help=workers)


def _add_comparison_options(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    meaning = "grids of every model, a point of each, or the chosen model only (full, with --quick: quick)"
    add("--comparison", choices=("full", "quick", "none"), help=meaning)
    add(
        "--compared-rows",
        type=_whole(1000),
        default=15_000,
        metavar="N",
        help="rows to compare models on; of a larger table, so many are drawn (%(default)s)",
    )
    add(
        "--test-share",
        type=_share,
        default=0.15,
        metavar="X",
        help="share of the rows that only the end of the campaign sees (%(default)s)",
    )
    add(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where trees grow; cuda needs the package xgboost (%(default)s)",
    )
    add("--backend", choices=("local", "dask"), default="local", help="who searches (%(default)s)")
    add("--scheduler", metavar="ADDRESS", help="of the Dask cluster, for example tcp://10.0.0.7:8786")


def _scheduler(backend: str, address: str | None) -> str | None:
    if (backend == "dask") != (address is not None):
        _parser(MODEL_NAME).error("--backend dask and --scheduler ADDRESS need each other")
    return address


def _add_registry_options(group: argparse._ArgumentGroup, model_name: str) -> None:
    for name, default, meaning in (
        ("--model-name", model_name, "registered model that gets the new version"),
        ("--experiment", "octroi-training", "experiment that the run is logged to"),
    ):
        group.add_argument(name, default=default, metavar="NAME", help=f"{meaning} (%(default)s)")
    first = "train nothing where the registered model has a champion"
    group.add_argument("--unless-champion", action="store_true", help=first)


def _whole(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return whole_number


def _share(text: str) -> float:
    share = _positive(text)
    if share > _MOST_APART:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and at most {_MOST_APART}")
    return share


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
