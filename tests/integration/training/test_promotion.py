"""The champion is moved, and moved back, on a real MLflow server."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest

from services.kit.seal import SEAL_TAG, SEALED, seal_of
from services.scorecard.bundle import to_files
from services.scorecard.calibration import Calibration
from services.training.promote import main
from tests.models import small_bundle
from tests.programs import python

pytestmark = pytest.mark.mlflow

REGISTER_AS_TRAINING_DOES = """
import sys
from services.training.register import Registry
from tests.models import small_bundle
uri, name = sys.argv[1:]
registry = Registry(uri, name)
registry.connect()
for seed in (1, 2):
    bundle = small_bundle(seed=seed).model_copy(update={"model_name": name})
    registry.register(registry.log(bundle, {}, {}, {}), bundle)
"""
GOOD = to_files(small_bundle())


@dataclass(frozen=True, slots=True)
class Model:
    """A registered model, seen and filled by plain REST."""

    uri: str
    name: str

    def ask(self, method: str, call: str, **said: str) -> dict[str, Any]:
        given: dict[str, Any] = {"params": said} if method == "GET" else {"json": said}
        answer = httpx.request(method, f"{self.uri}/api/2.0/mlflow/{call}", timeout=30, **given)
        return dict(answer.raise_for_status().json())

    def add(self, files: dict[str, bytes]) -> str:
        """Add a version with such a bundle, laid out as MLflow lays out a model; return the version."""
        run = self.ask("POST", "runs/create", experiment_id="0")["run"]["info"]
        source = f"{run['artifact_uri']}/scorecard"
        folder = f"{self.uri}/api/2.0/mlflow-artifacts/artifacts/{source.removeprefix('mlflow-artifacts:/')}"
        for name, content in files.items():
            where = f"{folder}/artifacts/bundle/{name}"
            httpx.put(where, content=content, timeout=30).raise_for_status()
        said = {"name": self.name, "source": source, "run_id": run["run_id"]}
        version = str(self.ask("POST", "model-versions/create", **said)["model_version"]["version"])
        if SEALED in files:
            self.seal(version, seal_of(files))
        return version

    def seal(self, version: str, seal: str) -> None:
        self.ask("POST", "model-versions/set-tag", name=self.name, version=version, key=SEAL_TAG, value=seal)

    def point(self, alias: str, version: str) -> None:
        self.ask("POST", "registered-models/alias", name=self.name, alias=alias, version=version)

    def aliases(self) -> dict[str, str]:
        told = self.ask("GET", "registered-models/get", name=self.name)["registered_model"]
        return {entry["alias"]: entry["version"] for entry in told.get("aliases", [])}

    def named(self, *arguments: str) -> tuple[str, ...]:
        return (*arguments, "--model-name", self.name)


def environment(uri: str) -> dict[str, str]:
    return {"MLFLOW_TRACKING_URI": uri, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}


class Ended(NamedTuple):
    """What became of the command."""

    code: object
    out: str
    error: str


Promote = Callable[..., Ended]


@pytest.fixture
def promote(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Promote:
    """The command, in this process: MLflow is slow to load."""

    def ended(model: Model, *arguments: str) -> Ended:
        caplog.clear()
        # What connecting sets is no other test's.
        with patch.dict(os.environ, environment(model.uri)):
            try:
                code: object = main(model.named(*arguments))
            except SystemExit as asked:
                code = asked.code
        out, error = capsys.readouterr()
        # In a process of its own Python writes these there.
        logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        return Ended(code, out, error + "".join(f"{line}\n" for line in logged))

    return ended


def refused(ended: Ended, sentence: str) -> None:
    assert sentence in ended.error
    assert ended.error.count("\n") == 1
    assert (ended.code, ended.out) == (2, "")


@pytest.fixture
def model(mlflow_uri: str) -> Model:
    made = Model(mlflow_uri.rstrip("/"), f"promoted-{uuid4().hex[:8]}")
    made.ask("POST", "registered-models/create", name=made.name)
    return made


def test_the_champion_is_moved_and_moved_back(mlflow_uri: str, promote: Promote) -> None:
    model = Model(mlflow_uri.rstrip("/"), f"promoted-{uuid4().hex[:8]}")
    registered = python("-c", REGISTER_AS_TRAINING_DOES, model.uri, model.name, **environment(model.uri))
    assert registered.returncode == 0, registered.stderr
    model.point("challenger", "2")

    first = promote(model, "--version", "1")
    assert first.code == 0, first.error
    assert first.out == f"{model.name} version 1 is the champion\n"
    assert model.aliases() == {"champion": "1", "challenger": "2"}

    second = promote(model, "--version", "2")
    assert "version 2 is the champion; --rollback (make rollback) goes back to version 1" in second.out
    assert model.aliases() == {"champion": "2", "previous-champion": "1"}

    again = promote(model, "--version", "2")
    assert (again.code, again.out) == (0, f"{model.name} version 2 is the champion already\n")
    assert model.aliases() == {"champion": "2", "previous-champion": "1"}

    assert promote(model, "--rollback").code == 0
    assert model.aliases() == {"champion": "1", "previous-champion": "2"}


def test_a_damaged_bundle_does_not_become_champion(model: Model, promote: Promote) -> None:
    model.point("champion", model.add(GOOD))
    damaged = model.add({**GOOD, "booster.json": GOOD["booster.json"] + b" "})
    refused(promote(model, "--version", damaged), f"{model.name} version 2 cannot decide: booster.json: has")
    refused(promote(model, "--version", model.add({})), "did not hand out the bundle")
    changed = model.add(to_files(small_bundle(seed=2)))
    model.seal(changed, seal_of(GOOD))
    refused(promote(model, "--version", changed), "its bundle.json is not the one that was registered")
    assert model.aliases() == {"champion": "1"}


def test_a_model_that_fails_the_golden_applications_does_not_become_champion(
    model: Model, promote: Promote
) -> None:
    endless = Calibration(slope=1e308, intercept=1.7e308)
    version = model.add(to_files(small_bundle().model_copy(update={"calibration": endless})))
    refused(promote(model, "--version", version), "the model gives no probability for some rows")
    assert model.aliases() == {}


def test_an_unknown_version_is_named(model: Model, promote: Promote) -> None:
    model.add(GOOD)
    refused(promote(model, "--version", "7"), f"{model.name} has no version 7; name one that")


def test_without_a_former_champion_there_is_no_way_back(model: Model, promote: Promote) -> None:
    model.point("champion", model.add(GOOD))
    ended = promote(model, "--rollback")
    refused(ended, f"{model.name} has no former champion to go back to; name a version")
    # So it is when a promotion was cut short after its first step.
    model.point("previous-champion", "1")
    refused(promote(model, "--rollback"), "has no former champion to go back to")


def test_a_way_back_to_a_model_that_cannot_decide_is_none(model: Model, promote: Promote) -> None:
    model.point("champion", model.add(GOOD))
    model.point("previous-champion", model.add({"bundle.json": b"{}"}))
    refused(promote(model, "--rollback"), "version 2 cannot decide: bundle.json: its format_version is None")
    assert model.aliases()["champion"] == "1"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "one of the arguments --version --rollback is required"),
        (("--version", "latest"), "argument --version: 'latest' is not a version, a whole number"),
        (("--version", "1", "--rollback"), "not allowed with argument --version"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_sentence(
    promote: Promote, arguments: tuple[str, ...], sentence: str
) -> None:
    refused(promote(Model("http://127.0.0.1:1", "any"), *arguments), sentence)


def test_an_absent_server_is_named(unused_tcp_port: int) -> None:
    away = Model(f"http://127.0.0.1:{unused_tcp_port}", "any")
    ended = python("-m", "services.training.promote", *away.named("--rollback"), **environment(away.uri))
    told = f"MLflow at {away.uri} did not tell the aliases of any; start"
    refused(Ended(ended.returncode, ended.stdout, ended.stderr), told)
