"""The steps from a fresh clone to a running engine with a champion."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local import commands
from infra.local.console import say, timed
from infra.local.engine import Engine
from infra.local.errors import LauncherError, wrong_input
from infra.local.memory_kafka import MemoryKafka
from infra.local.running import demand, run_logged, run_shown
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
