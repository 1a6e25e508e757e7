"""The launcher's commands: `python -m infra.local run` and its likes, from the root of the repository."""

import argparse
import sys
from contextlib import ExitStack
from typing import Final

from infra.local import jobs, steps
from infra.local.claim import claimed, only_start
from infra.local.command_line import parser, refuse_missing
from infra.local.console import say
from infra.local.disk import refusals_of_disk
from infra.local.engine import Engine, assemble
from infra.local.errors import FAILED, LauncherError
from infra.local.lifetime import end_like_interrupt, stay_up, stop_all, stopped_at_the_end, stopped_on_failure
from infra.local.settings import read_settings
from infra.local.status import addresses, status_lines
from infra.local.with_registry import promote, rollback, score, train

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


def replay(engine: Engine, arguments: argparse.Namespace) -> int:
    """Send a file of applications through the running engine."""
    refuse_missing(arguments.file, "--file (FILE= with make)")
    return jobs.replay(engine, arguments.file, rate=arguments.rate)


def outcomes(engine: Engine, arguments: argparse.Namespace) -> int:
    """Tell the running engine what the loans of a replayed file did."""
    refuse_missing(arguments.file, "--file (FILE= with make)")
    return jobs.outcomes(engine, arguments.file, rate=arguments.rate)


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


COMMANDS: Final = (
    *(run, up, down, status, train, promote, rollback),
    *(replay, outcomes, score, backup, restore, clean),
)
"""In the order in which the help names them."""


def main() -> int:
    """Run one command; return its exit code, 2 where the person at the terminal must change something."""
    arguments = parser(COMMANDS).parse_args()
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
