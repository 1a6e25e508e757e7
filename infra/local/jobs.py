"""What is done with an engine that is there; each returns the exit code of its program."""

from pathlib import Path

from infra.local import commands
from infra.local.commands import Command
from infra.local.engine import Engine
from infra.local.errors import wrong_input
from infra.local.running import run_shown
from infra.local.starting import start, wait_until_ready


def move_champion(engine: Engine, version: str | None) -> int:
    """Make a version champion, or the former one if None, and return the exit code; MLflow must be ready."""
    engine.state.copies.distrust()
    command = commands.rollback() if version is None else commands.promote(version)
    return run_shown(command, engine.model_environment)


def replay(engine: Engine, file: Path, *, rate: float | None = None) -> int:
    """Send a file through the running engine; return the exit code, 0 if all are decided exactly once.

    Raises LauncherError if the engine is not up.
    """
    return run_on_engine(engine, commands.replay(file.resolve(), rate=rate))


def outcomes(engine: Engine, file: Path, *, rate: float | None = None) -> int:
    """Send what the loans of a replayed file did; return the exit code.

    Raises LauncherError if the engine is not up.
    """
    return run_on_engine(engine, commands.outcomes(file.resolve(), rate=rate))


def backup(engine: Engine, folder: Path) -> int:
    """Save the running engine's databases and registry; return the exit code.

    Raises LauncherError if the engine is not up.
    """
    refuse_stopped(engine)
    environment = engine.backup_environment(engine.broker().bootstrap())
    return run_shown(commands.backup(folder.resolve()), environment)


def restore(engine: Engine, folder: Path) -> int:
    """Start PostgreSQL and Kafka, put back what was saved, and return the exit code.

    Raises LauncherError.
    """
    broker = engine.broker()
    engine.state.create()
    engine.state.copies.distrust()
    engine.supervisor.start()
    parts = [start(engine.supervisor, part) for part in (engine.postgres, *broker.parts())]
    wait_until_ready(engine.supervisor, parts, engine.settings.ready_within)
    return run_shown(commands.restore(folder.resolve()), engine.backup_environment(broker.bootstrap()))


def run_on_engine(engine: Engine, command: Command) -> int:
    """Run a command against the running engine; return its exit code.

    Raises LauncherError if the engine is not up.
    """
    refuse_stopped(engine)
    return run_shown(command, engine.environment(engine.broker().bootstrap()))


def refuse_stopped(engine: Engine) -> None:
    """Raise LauncherError if the engine is not up."""
    if not engine.supervisor.is_running():
        raise wrong_input("the engine is not up; `make up` starts it")


def score(engine: Engine, source: Path, target: Path) -> int:
    """Score a file with the champion, engine up or not; return the exit code."""
    return run_shown(commands.score(source.resolve(), target.resolve()), engine.model_environment)
