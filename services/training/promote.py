"""Moves the alias `champion`, and keeps the way back: `python -m services.training.promote --version N`."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from services.kit.environment import exit_code_of, read
from services.kit.registered_model import RegisteredModel
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.errors import TrainingError
from services.training.golden import score_golden
from services.training.register import CHAMPION, Registry
from services.training.registered import aliases_of, bundle_of

CHALLENGER: Final = "challenger"
PREVIOUS: Final = "previous-champion"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when the champion is the one asked for, 2 after a sentence that says why not."""
    registered = read(RegisteredModel)
    chosen = _parser(registered.model_name).parse_args(arguments)
    registry = Registry(registered.tracking_url)
    try:
        registry.connect()
        version = chosen.version or previous_champion(registry, chosen.model_name)
        refuse_unable(registry, chosen.model_name, version)
        former = promote(registry, chosen.model_name, version)
    except TrainingError as error:
        # One line, though what it quotes may have several.
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return 2
    print(_told(chosen.model_name, version, former))
    return 0


def promote(registry: Registry, model_name: str, version: str) -> str | None:
    """Make a version champion and return the former one's version, which `previous-champion` then names.

    Every move of the champion goes through here, or there would be no way back from it. The version is
    nobody's challenger any more. Raises TrainingError.
    """
    aliases = aliases_of(registry, model_name)
    former = aliases.get(CHAMPION)
    if former is not None and former != version:
        # First the way back: whatever is cut short after it, no champion is forgotten.
        registry.set_alias(model_name, PREVIOUS, former)
    if former != version:
        registry.set_alias(model_name, CHAMPION, version)
    if aliases.get(CHALLENGER) == version:
        registry.remove_alias(model_name, CHALLENGER)
    return former


def previous_champion(registry: Registry, model_name: str) -> str:
    """Return the version to go back to. Raises TrainingError where there is none."""
    aliases = aliases_of(registry, model_name)
    previous = aliases.get(PREVIOUS)
    if previous is None or previous == aliases.get(CHAMPION):
        raise TrainingError(
            f"{model_name} has no former champion to go back to; name a version with --version "
            "(make promote VERSION=)"
        )
    return previous


def refuse_unable(registry: Registry, model_name: str, version: str) -> None:
    """Raise TrainingError unless the version is there, loads, and decides on the golden applications."""
    bundle = bundle_of(registry, model_name, version)
    try:
        score_golden(ready(bundle, load_policy(), standard_catalogue()))
    except ValueError as error:
        raise TrainingError(f"{model_name} version {version} cannot decide: {error}") from error


def _told(model_name: str, version: str, former: str | None) -> str:
    if former == version:
        return f"{model_name} version {version} is the champion already"
    told = f"{model_name} version {version} is the champion"
    return f"{told}; --rollback (make rollback) goes back to version {former}" if former else told


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence and end with code 2."""
        self.exit(2, f"{message}; see {self.prog} --help\n")


def _parser(model_name: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m services.training.promote",
        description="Makes a registered version the champion that scoring uses, or goes back to the former "
        "one. The MLflow server is the one that the environment variable MLFLOW_TRACKING_URI names.",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--version", type=_version, metavar="N", help="the version to make champion")
    which.add_argument("--rollback", action="store_true", help="go back to the former champion")
    meaning = "registered model (%(default)s)"
    parser.add_argument("--model-name", default=model_name, metavar="NAME", help=meaning)
    return parser


def _version(text: str) -> str:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a version, a whole number of at least 1")
    return str(int(text))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
