"""Commands that need the registry, beside one another and on a stopped engine: real PostgreSQL and MLflow."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local import steps
from infra.local.claim import claimed
from infra.local.engine import Engine, assemble
from infra.local.settings import REPOSITORY, LocalSettings
from infra.local.stopping import stop
from services.sample.files import write_sample
from services.scorecard.bundle import to_files
from services.scoring.cache import BundleCache
from tests.engine import free_ports
from tests.integration.training.test_promotion import Model
from tests.models import small_bundle
from tests.parts import DEADLINE_SECONDS, part_folder, until

pytestmark = [pytest.mark.postgres, pytest.mark.mlflow]
GOOD = to_files(small_bundle())


@dataclass(frozen=True)
class Scene:
    """An engine whose registry has two versions, of which the second is champion."""

    engine: Engine
    variables: dict[str, str]
    applications: Path

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            (sys.executable, "-m", "infra.local", *arguments),
            env={**os.environ, **self.variables, **variables},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def launch(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return ended(self.start(*arguments, **variables))

    def score(self, name: str) -> subprocess.Popen[str]:
        output = self.applications.with_name(f"{name}.csv")
        return self.start("score", "--in", str(self.applications), "--out", str(output))

    def keep_copy(self, version: str) -> None:
        cache = BundleCache(self.engine.state.models / self.engine.settings.model_name)
        cache.keep(version, GOOD)
        cache.remember("champion", version)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    output, errors = process.communicate(timeout=DEADLINE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.fixture(scope="module")
def registered() -> Iterator[Scene]:
    with part_folder() as folder:
        mlflow, postgres = free_ports(2)
        ports = {"mlflow_port": mlflow, "postgres_port": postgres}
        engine = assemble(LocalSettings.model_validate({"state": folder / "state", **ports}))
        variables = {"OCTROI_STATE": str(engine.state.root)}
        variables |= {f"OCTROI_{name.upper()}": str(port) for name, port in ports.items()}
        try:
            steps.bring_up_registry(engine)
            model = Model(engine.mlflow.url, engine.settings.model_name)
            model.ask("POST", "registered-models/create", name=model.name)
            for alias in ("previous-champion", "champion"):
                model.point(alias, model.add(GOOD))
        finally:
            stop(engine.supervisor)
        train, _ = write_sample(folder, rows=200, unlabelled=1, seed=1)
        yield Scene(engine, variables, train)


@pytest.fixture
def scene(registered: Scene) -> Iterator[Scene]:
    """The same, stopped before each test."""
    yield registered
    stop(registered.engine.supervisor)


def test_two_files_are_scored_at_once_and_nobody_stops_the_others_registry(scene: Scene) -> None:
    both = [scene.score(name) for name in ("one", "two")]
    for scored in map(ended, both):
        assert scored.returncode == 0, scored.stderr
        assert f"with {scene.engine.settings.model_name} " in scored.stdout
    assert not scene.engine.supervisor.is_running()


def test_a_file_is_scored_by_the_registry_also_while_that_is_still_starting(scene: Scene) -> None:
    supervisor = scene.engine.supervisor
    scene.keep_copy("7")
    with claimed(scene.engine.state):
        steps.start_registry(scene.engine)
        beside_a_start = scene.score("beside")
        assert beside_a_start.stdout is not None
        assert "waiting for its end" in beside_a_start.stdout.readline()
    scored = ended(beside_a_start)
    assert scored.returncode == 0, scored.stderr
    assert f"with {scene.engine.settings.model_name} " in scored.stdout
    assert f"with {scene.engine.settings.model_name} 7:" not in scored.stdout
    supervisor.stop("mlflow")
    supervisor.begin("mlflow")
    scored = ended(scene.score("again"))
    assert scored.returncode == 0, scored.stderr
    assert supervisor.is_running()


@pytest.mark.parametrize(("command", "exit_code"), [("promote", 0), ("train", 1), ("restore", 2)])
def test_no_copy_decides_after_a_command_that_may_have_moved_the_champion(
    scene: Scene, command: str, exit_code: int, tmp_path: Path
) -> None:
    header = scene.applications.read_text().splitlines()[0] + "\n"
    (tmp_path / steps.TRAINING_FILE).write_text(header)
    arguments = {
        "promote": ("--version", "1"),
        "train": ("--quick", "--data", str(tmp_path)),
        "restore": ("--from", str(tmp_path)),
    }
    copies, name = scene.engine.state.copies, scene.engine.settings.model_name
    copies.drop()
    scene.keep_copy("2")
    assert copies.has(name)
    # That is no address: a restore ends when it comes to start Kafka.
    done = scene.launch(command, *arguments[command], KAFKA_BOOTSTRAP_SERVERS="nowhere")
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert not copies.has(name)


def test_a_start_that_make_down_ends_says_so(scene: Scene) -> None:
    starting = scene.score("stopped")
    until(scene.engine.supervisor.is_running, "the supervisor")
    assert scene.launch("down").returncode == 0
    stopped = ended(starting)
    assert (stopped.returncode, stopped.stderr) == (1, "the engine was stopped from elsewhere\n")
