"""What the launcher's commands are told on the command line."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.local import steps
from infra.local.errors import wrong_input


def refuse_missing(file: Path, option: str) -> None:
    """Raise LauncherError if a file that an option names is not there."""
    if not file.is_file():
        fault = "no file is named" if file == Path() else f"{file} is not there"
        raise wrong_input(f"{fault}; {option} names a CSV file of applications")


def parser(commands: Sequence[Callable[..., int]]) -> argparse.ArgumentParser:
    """Return the grammar of the command line, with the commands in the order of its help."""
    root = argparse.ArgumentParser(
        prog="python -m infra.local", description="The whole engine on one machine."
    )
    names = root.add_subparsers(required=True, metavar="COMMAND")
    grammar = {}
    for function in commands:
        words = function.__doc__
        grammar[function.__name__] = names.add_parser(function.__name__, help=words, description=words)
        grammar[function.__name__].set_defaults(function=function)
    for command in ("run", "up", "train"):
        files = f"folder of {steps.TRAINING_FILE} and {steps.REPLAY_FILE}; a sample if not given"
        grammar[command].add_argument("--data", type=Path, metavar="FOLDER", help=files)
    grammar["run"].add_argument("--once", action="store_true", help="stop when all applications are decided")
    grammar["train"].add_argument("--quick", action="store_true", help="a small model, for a first look")
    grammar["promote"].add_argument("--version", required=True, help="the version to make champion")
    for command, holding in (("replay", "applications"), ("outcomes", "replayed applications, with TARGET")):
        grammar[command].add_argument("--file", type=Path, required=True, help=f"CSV file of {holding}")
        grammar[command].add_argument(
            "--rate", type=float, help="events per second; all at once if not given"
        )
    grammar["score"].add_argument(
        "--in", type=Path, required=True, dest="source", help="CSV file of applications"
    )
    grammar["score"].add_argument("--out", type=Path, required=True, dest="target", help="CSV file to write")
    add_folders(grammar["backup"], grammar["restore"])
    return root


def add_folders(saving: argparse.ArgumentParser, restoring: argparse.ArgumentParser) -> None:
    """Add the folder that a backup makes, and the one that is put back."""
    saving.add_argument("--to", type=Path, required=True, help="folder to make")
    restoring.add_argument(
        "--from", type=Path, required=True, dest="origin", help="folder that a backup made"
    )
