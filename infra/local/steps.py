"""The steps from a fresh clone to decided applications."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local import commands
from infra.local.commands import Command
from infra.local.console import last_lines, say, timed
from infra.local.engine import Engine
from infra.local.errors import LauncherError, wrong_input
from infra.local.memory_kafka import MemoryKafka
from infra.local.settings import REPOSITORY
from infra.local.starting import Started, start, wait_until_ready
from services.kit.registered_model import CANDIDATE_REFUSED
from services.scorecard.table import TableError, check_header

TRAINING_FILE = "application_train.csv"
REPLAY_FILE = "application_test.csv"


def check_files(folder: Path | None, names: Sequence[str] = (TRAINING_FILE, REPLAY_FILE)) -> None:
    """Raise LauncherError naming what a given folder lacks of the competition's files."""
    if folder is None:
        return
    for file in (folder / name for name in names):
        if not file.is_file() or not os.access(file, os.R_OK):
            raise wrong_input(
                f"{file} is not there or cannot be read; "
                f"--data (DATA= with make) names the folder of {' and '.join(names)}"
            )
        try:
            check_header(file)
        except TableError as error:
            raise wrong_input(f"{file}: {error}") from error


def bring_up(engine: Engine, data: Path | None) -> None:
    """Start the parts, make ready what the services need, and start the services.

    Raises LauncherError with what went wrong; what was started by then still runs.
    """
    broker = engine.broker()
    mlflow = start_registry(engine)
    kafka = [start(engine.supervisor, part) for part in broker.parts()]
    wait_until_ready(engine.supervisor, kafka, engine.settings.ready_within)
    environment = engine.environment(broker.bootstrap())
    run_logged(engine, "migrate", commands.migrate(), environment, "database: tables up to date")
    # In memory they appear when they are first asked for, and there is nobody who makes them.
    if not isinstance(broker, MemoryKafka):
        run_logged(engine, "topics", commands.create_topics(), environment, "Kafka: topics made")
    ensure_api_key(engine, environment)
    starting = [mlflow]
    # With a copy of a model at hand scoring need not wait for the registry.
    if engine.state.copies.has(engine.settings.model_name):
        say_champion_stays(engine, data)
    else:
        engine.state.copies.drop()
        wait_until_ready(engine.supervisor, starting, engine.settings.ready_within)
        ensure_champion(engine, data)
        starting = []
    starting += [start(engine.supervisor, service) for service in engine.services(broker.bootstrap())]
    wait_until_ready(engine.supervisor, starting, engine.settings.ready_within)


def bring_up_registry(engine: Engine) -> None:
    """Start what training needs, and nothing else.

    Raises LauncherError.
    """
    wait_until_ready(engine.supervisor, (start_registry(engine),), engine.settings.ready_within)


def wait_for_registry(engine: Engine) -> None:
    """Return when the running engine's registry is ready, which may have been started again just now.

    Raises LauncherError.
    """
    if engine.mlflow.is_ready():
        return
    if "mlflow" not in {process.name for process in engine.supervisor.processes()}:
        raise LauncherError("the engine has no registry: its start was cut short; `make down` stops the rest")
    mlflow = Started(engine.mlflow, engine.mlflow.program(), time.monotonic())
    wait_until_ready(engine.supervisor, (mlflow,), engine.settings.ready_within)


def start_registry(engine: Engine) -> Started:
    """Start the supervisor, PostgreSQL and MLflow; return MLflow, which is not ready yet.

    It takes longer than all others, so everything else is prepared while it starts.
    """
    engine.state.create()
    engine.supervisor.start()
    postgres = start(engine.supervisor, engine.postgres)
    wait_until_ready(engine.supervisor, (postgres,), engine.settings.ready_within)
    return start(engine.supervisor, engine.mlflow)


def ensure_api_key(engine: Engine, environment: Mapping[str, str]) -> None:
    """Make the first API key, once."""
    if engine.state.api_keys.exists():
        return
    command = commands.create_api_key(engine.state.api_keys, engine.state.api_key)
    run_logged(engine, "api-key", command, environment, f"API key: in {engine.state.api_key}")


def ensure_champion(engine: Engine, data: Path | None) -> None:
    """Train and register a first champion where the registry has none."""
    if engine.mlflow.has_alias(engine.settings.model_name, commands.CHAMPION):
        say_champion_stays(engine, data)
    else:
        train(engine, data, compare=False)


def say_champion_stays(engine: Engine, data: Path | None) -> None:
    """Say that nothing is trained, and how to: a champion of other data decides just as silently."""
    command = f"make train DATA={data}" if data else "make train"
    say(f"model: the champion of {engine.settings.model_name} as it is; `{command}` trains one on this data")


def train(engine: Engine, data: Path | None, *, quick: bool = False, compare: bool = True) -> None:
    """Fit, log and register a champion; MLflow must be ready."""
    command = commands.train(ensure_data(engine, data), quick=quick, compare=compare)
    with timed("model: trained and registered"):
        exit_code = run_shown(command, engine.model_environment)
        if exit_code == CANDIDATE_REFUSED:
            raise LauncherError("no model has come of it: the gate refused the candidate")
        demand(exit_code, "the training failed")


def move_champion(engine: Engine, version: str | None) -> int:
    """Make a version champion, or the former one if None, and return the exit code; MLflow must be ready."""
    engine.state.copies.distrust()
    command = commands.rollback() if version is None else commands.promote(version)
    return run_shown(command, engine.model_environment)


def ensure_data(engine: Engine, data: Path | None) -> Path:
    """Return the folder of the applications: the given one, or that of a sample, made once."""
    if data is not None:
        return data.resolve()
    sample = engine.state.sample
    if not any(sample.iterdir()):
        unfinished = engine.state.run / "sample"
        with timed(f"sample: {engine.settings.sample_rows:,} applications in {sample}"):
            command = commands.create_sample(unfinished, engine.settings.sample_rows)
            demand(run_shown(command, {}), "the sample could not be made")
        unfinished.rename(sample)
    return sample


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


def run_shown(command: Command, environment: Mapping[str, str]) -> int:
    """Run a command that shows its own progress and says itself what is wrong; return its exit code."""
    return subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **environment}, check=False).returncode


def demand(exit_code: int, failure: str) -> None:
    """Raise LauncherError if a command failed."""
    if exit_code != 0:
        raise LauncherError(f"{failure} (exit code {exit_code})")


def run_logged(engine: Engine, name: str, command: Command, environment: Mapping[str, str], done: str) -> str:
    """Run a short command, its messages into a log file; return its standard output.

    Raises LauncherError with the end of the log.
    """
    log = engine.state.logs / f"{name}.log"
    with timed(done), log.open("w", encoding="utf-8") as messages:
        finished = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            messages.write(finished.stdout)
            messages.flush()
            raise LauncherError(f"{name} failed (exit code {finished.returncode}). {last_lines(log)}")
    return finished.stdout
