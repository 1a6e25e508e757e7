"""What can be adjusted, and how it is said on the command line."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final, NoReturn

from services.scorecard.bundle import Costs
from services.training.fit import Fitting

TREES, RATE = 500, 0.03
QUICK_TREES, QUICK_RATE = 120, 0.12
_DESCRIPTION: Final = """\
Trains a scorecard on labelled applications, logs it to MLflow with its metrics and plots, registers it
and makes it the champion that scoring uses. With one seed and one file the model is the same each time.
The MLflow server is the one that the environment variable MLFLOW_TRACKING_URI names,
http://127.0.0.1:5000 if there is none."""


@dataclass(frozen=True, slots=True)
class Options:
    """One training."""

    data: Path
    """Folder of application_train.csv."""
    fitting: Fitting
    folds: int
    costs: Costs
    workers: int
    """Fits that run side by side; the result does not depend on it."""
    model_name: str
    experiment: str


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence and end with code 2."""
        self.exit(2, f"{message}; see {self.prog} --help\n")


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line. Raises SystemExit: 0 after the help, 2 after a sentence on what is wrong."""
    chosen = _parser().parse_args(arguments)
    trees, rate = (QUICK_TREES, QUICK_RATE) if chosen.quick else (TREES, RATE)
    return Options(
        data=chosen.data,
        fitting=Fitting(trees=chosen.trees or trees, rate=chosen.rate or rate, seed=chosen.seed),
        folds=chosen.folds,
        costs=Costs(false_negative=chosen.cost_false_negative, false_positive=chosen.cost_false_positive),
        workers=chosen.workers,
        model_name=chosen.model_name,
        experiment=chosen.experiment,
    )


def _parser() -> argparse.ArgumentParser:
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
    _add_registry_options(parser.add_argument_group("the registry"))
    return parser


def _add_model_options(group: argparse._ArgumentGroup) -> None:
    costs, add = Costs(), group.add_argument
    add("--seed", type=_whole(0), default=7, metavar="N", help="seed of the random numbers (%(default)s)")
    add("--folds", type=_whole(2), default=5, metavar="N", help="parts to cross-validate on (%(default)s)")
    add("--trees", type=_whole(1), metavar="N", help=f"number of trees ({TREES})")
    add("--rate", type=_positive, metavar="X", help=f"how much each tree corrects ({RATE})")
    quick = f"{QUICK_TREES} trees at rate {QUICK_RATE}: a quarter of the time, a little worse"
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


def _add_registry_options(group: argparse._ArgumentGroup) -> None:
    for name, default, meaning in (
        ("--model-name", "octroi-scorecard", "registered model that gets the new version"),
        ("--experiment", "octroi-training", "experiment that the run is logged to"),
    ):
        group.add_argument(name, default=default, metavar="NAME", help=f"{meaning} (%(default)s)")


def _whole(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return whole_number


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
