"""The launcher's commands: `python -m infra.local run` and its likes, from the root of the repository."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from infra.local import jobs, steps
from infra.local.claim import claimed, only_start
from infra.local.console import say
from infra.local.disk import refusals_of_disk
from infra.local.engine import Engine, assemble
from infra.local.errors import FAILED, LauncherError, wrong_input
from infra.local.lifetime import end_like_interrupt, stay_up, stop_all, stopped_at_the_end, stopped_on_failure
from infra.local.settings import read_settings
from infra.local.starting import refuse_second_start
from infra.local.status import addresses, status_lines

INTERRUPTED = 130
"""Exit code after Ctrl-C or SIGTERM before the work was done."""
NOT_RUNNING = "the engine is not running"


def run(engine: Engine, arguments: argparse.Namespace) -> int:
    """Start everything, replay the applications, and stay up until Ctrl-C."""
    steps.check_files(arguments.data)
    with ExitStack() as starting:
        starting.enter_context(only_start(engine.supervisor, engine.ports()))
        with stopped_at_the_end(engine.supervisor):
            steps.bring_up(engine, arguments.data)
            starting.close()
            file = steps.ensure_data(engine, arguments.data) / steps.REPLAY_FILE
            exit_code = jobs.replay(engine, file)
            if not arguments.once:
                say(addresses(engine, engine.broker().bootstrap()))
                stay_up(engine.supervisor)
    return exit_code


def up(engine: Engine, arguments: argparse.Namespace) -> int:
    """Start everything and leave it running."""
    steps.check_files(arguments.data)
    with only_start(engine.supervisor, engine.ports()), stopped_on_failure(engine.supervisor):
        steps.bring_up(engine, arguments.data)
    say(addresses(engine, engine.broker().bootstrap()))
    return 0


def down(engine: Engine, _: argparse.Namespace) -> int:
    """Stop everything."""
    if not stop_all(engine.supervisor):
        say(NOT_RUNNING)
    return 0


def status(engine: Engine, _: argparse.Namespace) -> int:
    """Print what runs; the exit code is 1 if nothing does."""
    if not engine.supervisor.is_running():
        say(NOT_RUNNING)
        return FAILED
    say(status_lines(engine))
    return 0


def train(engine: Engine, arguments: argparse.Namespace) -> int:
    """Train and register a champion, with the running registry or one started for that long."""
    steps.check_files(arguments.data, (steps.TRAINING_FILE,))
    with registry_up(engine):
        engine.state.copies.distrust()
        steps.train(engine, arguments.data, quick=arguments.quick)
    return 0


def promote(engine: Engine, arguments: argparse.Namespace) -> int:
    """Make a registered version the champion, with the running registry or one started for that long."""
    if not arguments.version.isdecimal():
        raise wrong_input("--version (VERSION= with make) names a version of the model, a whole number")
    with registry_up(engine):
        return jobs.move_champion(engine, arguments.version)


def rollback(engine: Engine, _: argparse.Namespace) -> int:
    """Go back to the former champion, with the running registry or one started for that long."""
    with registry_up(engine):
        return jobs.move_champion(engine, None)


@contextmanager
def registry_up(engine: Engine) -> Iterator[None]:
    """Give the registry of the running engine, or one that is started for this long.

    Waits for its turn while another command starts the engine, or has a registry for itself.
    Raises LauncherError.
    """
    engine.state.create()
    with ExitStack() as turn:
        turn.enter_context(claimed(engine.state, patient=True))
        if engine.supervisor.is_running():
            # A registry that somebody has for himself is claimed to its end: this one is the engine's.
            turn.close()
            steps.wait_for_registry(engine)
            yield
            return
        refuse_second_start(engine.supervisor, (*engine.postgres.ports, *engine.mlflow.ports))
        with stopped_at_the_end(engine.supervisor):
            steps.bring_up_registry(engine)
            yield


def replay(engine: Engine, arguments: argparse.Namespace) -> int:
    """Send a file of applications through the running engine."""
    refuse_missing(arguments.file, "--file (FILE= with make)")
    return jobs.replay(engine, arguments.file, rate=arguments.rate)


def outcomes(engine: Engine, arguments: argparse.Namespace) -> int:
    """Tell the running engine what the loans of a replayed file did."""
    refuse_missing(arguments.file, "--file (FILE= with make)")
    return jobs.outcomes(engine, arguments.file, rate=arguments.rate)


def score(engine: Engine, arguments: argparse.Namespace) -> int:
    """Score a file of applications with the champion, without Kafka."""
    refuse_missing(arguments.source, "--in (IN= with make)")
    with registry_up(engine):
        return jobs.score(engine, arguments.source, arguments.target)


def backup(engine: Engine, arguments: argparse.Namespace) -> int:
    """Save databases and registry of the running engine in a new folder."""
    return jobs.backup(engine, arguments.to)


def restore(engine: Engine, arguments: argparse.Namespace) -> int:
    """Put databases and registry of the stopped engine back as they were saved."""
    parts = (engine.postgres, *engine.broker().parts())
    ports = [port for part in parts for port in part.ports]
    with only_start(engine.supervisor, ports), stopped_at_the_end(engine.supervisor):
        return jobs.restore(engine, arguments.origin)


def clean(engine: Engine, _: argparse.Namespace) -> int:
    """Stop everything and remove all that was kept."""
    stop_all(engine.supervisor)
    engine.state.refuse_foreign()
    if engine.state.root.is_dir():
        with claimed(engine.state, patient=True):
            engine.state.remove()
    say(f"removed what the engine kept in {engine.state.root}")
    return 0


def refuse_missing(file: Path, option: str) -> None:
    """Raise LauncherError if a file that an option names is not there."""
    if not file.is_file():
        fault = "no file is named" if file == Path() else f"{file} is not there"
        raise wrong_input(f"{fault}; {option} names a CSV file of applications")


COMMANDS: Final = (
    *(run, up, down, status, train, promote, rollback),
    *(replay, outcomes, score, backup, restore, clean),
)
"""In the order in which the help names them."""


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    root = argparse.ArgumentParser(
        prog="python -m infra.local", description="The whole engine on one machine."
    )
    names = root.add_subparsers(required=True, metavar="COMMAND")
    grammar = {}
    for function in COMMANDS:
        words = function.__doc__
        grammar[function] = names.add_parser(function.__name__, help=words, description=words)
        grammar[function].set_defaults(function=function)
    for function in (run, up, train):
        files = f"folder of {steps.TRAINING_FILE} and {steps.REPLAY_FILE}; a sample if not given"
        grammar[function].add_argument("--data", type=Path, metavar="FOLDER", help=files)
    grammar[run].add_argument("--once", action="store_true", help="stop when all applications are decided")
    grammar[train].add_argument("--quick", action="store_true", help="a small model, for a first look")
    grammar[promote].add_argument("--version", required=True, help="the version to make champion")
    for function, holding in ((replay, "applications"), (outcomes, "replayed applications, with TARGET")):
        grammar[function].add_argument("--file", type=Path, required=True, help=f"CSV file of {holding}")
        grammar[function].add_argument(
            "--rate", type=float, help="events per second; all at once if not given"
        )
    grammar[score].add_argument(
        "--in", type=Path, required=True, dest="source", help="CSV file of applications"
    )
    grammar[score].add_argument("--out", type=Path, required=True, dest="target", help="CSV file to write")
    add_folders(grammar[backup], grammar[restore])
    return root


def add_folders(saving: argparse.ArgumentParser, restoring: argparse.ArgumentParser) -> None:
    """Add the folder that a backup makes, and the one that is put back."""
    saving.add_argument("--to", type=Path, required=True, help="folder to make")
    restoring.add_argument(
        "--from", type=Path, required=True, dest="origin", help="folder that a backup made"
    )


def main() -> int:
    """Run one command; return its exit code, 2 where the person at the terminal must change something."""
    arguments = parser().parse_args()
    end_like_interrupt()
    try:
        engine = assemble(read_settings())
        with refusals_of_disk(engine.state):
            exit_code: int = arguments.function(engine, arguments)
    except LauncherError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
