"""Commands that need the registry alone: of the running engine, or one that is started for that long."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from infra.local import jobs, steps
from infra.local.claim import claimed
from infra.local.command_line import refuse_missing
from infra.local.engine import Engine
from infra.local.errors import wrong_input
from infra.local.lifetime import stopped_at_the_end
from infra.local.starting import refuse_second_start


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


def score(engine: Engine, arguments: argparse.Namespace) -> int:
    """Score a file of applications with the champion, without Kafka."""
    refuse_missing(arguments.source, "--in (IN= with make)")
    with registry_up(engine):
        return jobs.score(engine, arguments.source, arguments.target)


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
