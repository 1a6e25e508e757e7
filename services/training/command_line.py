"""How a training's options are said on the command line."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from services.kit.registered_model import MODEL_NAME
from services.scorecard.bundle import Costs
from services.training.fit_trees import Fitting
from services.training.given_numbers import positive, share, whole
from services.training.options import (
    COMPARED_LEARNT,
    COMPARED_TREES,
    QUICK_COMPARED_TREES,
    QUICK_RATE,
    QUICK_TREES,
    RATE,
    TREES,
    Options,
)

_DESCRIPTION: Final = """\
Compares models on labelled applications, trains a scorecard, logs all of it to MLflow, registers the
scorecard, and gives it the role that it earns beside the champion on rows set apart. With one seed and one
file the model is the same each time.
The MLflow server is the one that the environment variable MLFLOW_TRACKING_URI names,
http://127.0.0.1:5000 if there is none; OCTROI_MODEL_NAME names the registered model."""


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
    add("--seed", type=whole(0), default=7, metavar="N", help="seed of the random numbers (%(default)s)")
    add("--folds", type=whole(2), default=5, metavar="N", help="parts to cross-validate on (%(default)s)")
    repeats = "times to cross-validate, each on other parts (3; 1 for 50,000 rows and more)"
    add("--repeats", type=whole(1), metavar="N", help=repeats)
    add(
        "--trees",
        type=whole(1),
        metavar="N",
        help=f"most trees; they stop when unseen rows gain nothing ({TREES})",
    )
    add("--rate", type=positive, metavar="X", help=f"how much each tree corrects ({RATE})")
    add("--features", type=whole(1), default=80, metavar="N", help="most features (%(default)s)")
    ridge = "how strongly curves are held back (%(default)g)"
    add("--ridge", type=positive, default=2000.0, metavar="X", help=ridge)
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
            type=positive,
            default=cost,
            metavar="X",
            help=f"cost of {meaning}, in any unit (%(default)g)",
        )
    workers = "trainings side by side; the result is the same for any number (all cores: %(default)s)"
    add("--workers", type=whole(1), default=os.cpu_count() or 1, metavar="N", help=workers)


def _add_comparison_options(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    meaning = "grids of every model, a point of each, or the chosen model only (full, with --quick: quick)"
    add("--comparison", choices=("full", "quick", "none"), help=meaning)
    add(
        "--compared-rows",
        type=whole(1000),
        default=15_000,
        metavar="N",
        help="rows to compare models on; of a larger table, so many are drawn (%(default)s)",
    )
    add(
        "--test-share",
        type=share,
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
