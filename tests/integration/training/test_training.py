"""The command against a real MLflow server: what it registers, and when it registers nothing."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION, SMALLEST_APPLICATION
from services.kit.registered_model import CANDIDATE_REFUSED
from services.sample.files import write_sample
from services.scorecard.bundle import from_files, to_files
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.decide import decide_without_reasons
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.training.arms import all_arms
from services.training.candidate import make_candidate
from services.training.command_line import parse
from services.training.data import FILE_NAME, read
from services.training.description import FIGURES
from services.training.errors import TrainingError
from services.training.register import Registry as TrainingRegistry
from services.training.split import untouched
from tests.models import small_bundle

pytestmark = pytest.mark.mlflow

SMALL = ("--trees", "40", "--rate", "0.2", "--folds", "3", "--comparison", "none")
MLFLOW_DECIDES = """
import json, sys, mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = [pandas.DataFrame([row]) for row in json.load(sys.stdin)]
print(json.dumps([model.predict(row).to_dict("records")[0] for row in rows]))
"""


class Registry(NamedTuple):
    """An MLflow server, read by plain REST as scoring reads it."""

    uri: str

    def ask(self, call: str, **parameters: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.uri}/api/2.0/mlflow/{call}", params=parameters, timeout=30)
        return dict(answer.raise_for_status().json())

    def champion(self, model: str) -> dict[str, Any]:
        return dict(self.ask("registered-models/alias", name=model, alias="champion")["model_version"])

    def runs(self, experiment: str) -> list[dict[str, Any]]:
        there = self.ask("experiments/get-by-name", experiment_name=experiment)["experiment"]
        wanted = {"experiment_ids": [there["experiment_id"]], "max_results": 1000}
        answer = httpx.post(f"{self.uri}/api/2.0/mlflow/runs/search", json=wanted, timeout=30)
        return list(answer.raise_for_status().json()["runs"])

    def bundle(self, model: str, version: str) -> dict[str, bytes]:
        where = self.ask("model-versions/get-download-uri", name=model, version=version)["artifact_uri"]
        folder = f"{self.uri}/api/2.0/mlflow-artifacts/artifacts/{where.removeprefix('mlflow-artifacts:/')}"
        answers = {
            name: httpx.get(f"{folder}/artifacts/bundle/{name}", timeout=30)
            for name in ("bundle.json", "booster.json", "reference.npy")
        }
        return {name: answer.raise_for_status().content for name, answer in answers.items()}


class Trained(NamedTuple):
    """A training that succeeded."""

    model: str
    arguments: list[str]
    said: str


@pytest.fixture(scope="module")
def registry(mlflow_uri: str) -> Registry:
    return Registry(mlflow_uri.rstrip("/"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, rows=2500, unlabelled=1, seed=7)
    return folder


@pytest.fixture(scope="module")
def trained(registry: Registry, sample: Path) -> Trained:
    model = new_name()
    arguments = ["--data", str(sample), "--model-name", model, "--experiment", model, *SMALL]
    ended = python("-m", "services.training", *arguments, uri=registry.uri)
    assert ended.returncode == 0, ended.stderr
    return Trained(model, arguments, ended.stdout)


def new_name() -> str:
    return f"scorecard-{uuid4().hex[:8]}"


def python(*arguments: str, uri: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true", **more}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)


def as_typed(application: dict[str, Any]) -> dict[str, Any]:
    """Cells of the types that the model's signature names: a data frame's columns are not converted."""
    given = {name: cell for name, cell in application.items() if cell is not None and name != "SK_ID_CURR"}
    return {
        "SK_ID_CURR": application["SK_ID_CURR"],
        **{name: cell if isinstance(cell, str) else float(cell) for name, cell in given.items()},
    }


def test_the_champion_is_the_model_that_was_trained(registry: Registry, trained: Trained) -> None:
    champion = registry.champion(trained.model)
    options, catalogue = parse(trained.arguments), standard_catalogue()
    data = read(options.data, catalogue, options.folds)
    seen = data.part(~untouched(data.identifiers, data.defaulted, options.test_share))
    again = make_candidate(seen, catalogue, load_policy(), options, print)
    assert champion["version"] == "1"
    assert registry.bundle(trained.model, "1") == to_files(again.bundle)


def test_the_run_tells_how_the_champion_came_about(registry: Registry, trained: Trained) -> None:
    bundle = from_files(registry.bundle(trained.model, "1"))
    run_id = registry.champion(trained.model)["run_id"]
    run = registry.ask("runs/get", run_id=run_id)["run"]
    assert run["info"]["status"] == "FINISHED"
    metrics = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
    apart = {name: metrics.pop(name) for name in metrics.keys() - bundle.metrics.keys()}
    assert metrics == dict(bundle.metrics)
    assert all(name.startswith(("test_", "gate_")) for name in apart)
    assert 0.6 < apart["test_auc"] < 1
    parameters = {parameter["key"]: parameter["value"] for parameter in run["data"]["params"]}
    assert parameters["features"] == str(len(bundle.features))
    campaign = registry.ask("runs/get", run_id=tags(run)["mlflow.parentRunId"])["run"]
    parameters = {parameter["key"]: parameter["value"] for parameter in campaign["data"]["params"]}
    assert 0 < int(parameters["trees"]) <= 40
    assert parameters["data_sha256"] in bundle.created_by
    files = registry.ask("artifacts/list", run_id=run_id, path="card")["files"]
    numbers = {"calibration.json", "cost_curve.json", "importance.json", "peers.json", "usual.json"}
    names = {*FIGURES, *numbers, "card.md", "card.html", "figures.html", "gate.md"}
    assert {file["path"] for file in files} == {f"card/{name}" for name in names}
    version = registry.champion(trained.model)
    assert version["description"].startswith("**What it is for.**")
    assert {tag["key"] for tag in version["tags"]} >= {"git_revision", "lock_sha256", "data_sha256"}
    assert len(bundle.reference_profile.features) == 20


def test_the_progress_is_plain_lines(trained: Trained) -> None:
    lines = trained.said.splitlines()
    # Three folds, three times; then the trees, step by step.
    assert [line.split(":")[0] for line in lines[2:5]] == ["9 folds", "8 trees", "16 trees"]
    assert lines[-3].startswith(f"{trained.model} version 1 is the champion. ")
    assert lines[-1].startswith("done after ")


def test_mlflow_decides_on_raw_applications_as_scoring_does(registry: Registry, trained: Trained) -> None:
    rows = [as_typed(APPLICATION), as_typed(SMALLEST_APPLICATION)]
    uri = f"models:/{trained.model}@champion"
    ended = python("-c", MLFLOW_DECIDES, uri, uri=registry.uri, given=json.dumps(rows))
    assert ended.returncode == 0, ended.stderr

    catalogue = standard_catalogue()
    model = ready(from_files(registry.bundle(trained.model, "1")), load_policy(), catalogue)
    matrix = catalogue.compute(columns_of([LoanApplication.model_validate(row) for row in rows]))
    ours = decide_without_reasons(model, matrix[:, bind(model.required, catalogue.features)])
    decided = zip(ours.probabilities, ours.scores, ours.outcomes, strict=True)
    assert json.loads(ended.stdout) == [
        {"probability_of_default": pytest.approx(probability, abs=1e-9), "score": score, "outcome": outcome}
        for probability, score, outcome in decided
    ]


def test_the_same_again_is_the_same_bundle_and_no_more_than_the_challenger(
    registry: Registry, trained: Trained
) -> None:
    ended = python("-m", "services.training", *trained.arguments, uri=registry.uri)
    assert ended.returncode == 0, ended.stderr
    assert "within noise" in ended.stdout
    assert registry.champion(trained.model)["version"] == "1"
    aliases = registry.ask("registered-models/get", name=trained.model)["registered_model"]["aliases"]
    assert {alias["alias"]: alias["version"] for alias in aliases} == {"champion": "1", "challenger": "2"}
    assert registry.bundle(trained.model, "2") == registry.bundle(trained.model, "1")


def test_a_worse_candidate_is_refused_and_a_better_one_takes_the_champions_place(
    registry: Registry, tmp_path: Path
) -> None:
    model = new_name()
    write_sample(tmp_path, rows=8000, unlabelled=1, seed=7)
    arguments = ["--data", str(tmp_path), "--model-name", model, "--experiment", model, *SMALL[2:]]
    arguments += ["--test-share", "0.4"]
    weak, strong = ("--trees", "2", "--features", "2"), ("--trees", "100", "--rate", "0.1")
    first = python("-m", "services.training", *arguments, *weak, uri=registry.uri)
    assert first.returncode == 0, first.stderr
    better = python("-m", "services.training", *arguments, *strong, uri=registry.uri)
    assert better.returncode == 0, better.stdout
    assert registry.champion(model)["version"] == "2"
    worse = python("-m", "services.training", *arguments, *weak, uri=registry.uri)
    assert worse.returncode == CANDIDATE_REFUSED, worse.stdout
    assert f"{model} version 3 is registered without a role" in worse.stdout
    assert registry.champion(model)["version"] == "2"


@pytest.mark.parametrize("lines", [None, 200])
def test_what_cannot_be_learnt_from_registers_nothing(
    registry: Registry, sample: Path, tmp_path: Path, lines: int | None
) -> None:
    if lines is not None:
        text = (sample / FILE_NAME).read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / FILE_NAME).write_text("".join(text[:lines]), encoding="utf-8")
    model = new_name()
    ended = python(
        *("-m", "services.training", "--data", str(tmp_path), "--model-name", model), uri=registry.uri
    )
    assert ended.returncode == 2
    assert FILE_NAME in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert model not in json.dumps(registry.ask("registered-models/search"))


def test_an_absent_server_is_named(sample: Path, unused_tcp_port: int) -> None:
    uri = f"http://127.0.0.1:{unused_tcp_port}"
    ended = python(
        *("-m", "services.training", "--data", str(sample), *SMALL),
        uri=uri,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    )
    assert ended.returncode == 2
    assert f"MLflow at {uri} did not find the experiment; start the server" in ended.stderr


def test_a_training_that_is_asked_to_end_ends_its_run(registry: Registry, tmp_path: Path) -> None:
    model = new_name()
    write_sample(tmp_path, rows=8000, unlabelled=1, seed=7)
    arguments = ["--data", str(tmp_path), "--model-name", model, "--experiment", model, *SMALL[-2:]]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": registry.uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with subprocess.Popen(
        (sys.executable, "-m", "services.training", *arguments),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        assert training.stdout is not None
        # The run is open by then, and thousands of trees are to come.
        assert any("chosen and curves fitted" in line for line in training.stdout)
        training.terminate()
        _, error = training.communicate()
    assert (training.returncode, error.startswith("stopped; what is finished is kept")) == (130, True)
    assert [run["info"]["status"] for run in registry.runs(model)] == ["FAILED"]


class Narrow(BaseHTTPRequestHandler):
    """Stands before a server, and lets no file through."""

    server_uri: str

    def _forward(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {name: self.headers[name] for name in ("Content-Type",) if name in self.headers}
        answer = httpx.request(
            self.command, f"{self.server_uri}{self.path}", content=content, headers=kept, timeout=30
        )
        self._answer(answer.status_code, answer.content)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(413, b"Request Entity Too Large")

    do_GET = do_POST = do_PATCH = do_DELETE = _forward  # noqa: N815 - the names that http.server asks for

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what is asked is no part of the test."""


def test_a_server_that_takes_no_files_is_named(registry: Registry) -> None:
    handler = type("Before", (Narrow,), {"server_uri": registry.uri})
    name = new_name()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as narrow, patch.dict(os.environ):
        threading.Thread(target=narrow.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{narrow.server_port}"
        training = TrainingRegistry(uri, name)
        training.connect()
        with pytest.raises(TrainingError, match=f"^MLflow at {uri} did not log the run; .* answered 413"):
            training.log(small_bundle(), {}, {}, {"card.md": b"card"})
        narrow.shutdown()
    assert [run["info"]["status"] for run in registry.runs(name)] == ["FAILED"]


def test_a_comparison_is_runs_and_goes_on_from_the_finished_ones(registry: Registry, sample: Path) -> None:
    model = f"compared-{uuid4().hex}"
    arguments = ["--data", str(sample), "--model-name", model, "--experiment", model, *SMALL[:-1], "quick"]
    first = python("-m", "services.training", *arguments, "--compared-rows", "1000", uri=registry.uri)
    assert first.returncode == 0, first.stderr
    runs = registry.runs(model)
    arms = {run["info"]["run_name"]: run["info"]["run_id"] for run in runs if "octroi.arm" in tags(run)}
    assert set(arms) == {arm.name for arm in all_arms()}
    points = [run for run in runs if tags(run).get("mlflow.parentRunId") in arms.values()]
    assert len(points) == len(arms)
    assert {run["info"]["status"] for run in runs} == {"FINISHED"}
    again = python("-m", "services.training", *arguments, "--compared-rows", "1000", uri=registry.uri)
    assert again.stdout.count("found from an earlier run") == len(arms)
    assert table_of(again.stdout) == table_of(first.stdout)


def tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"].get("tags", ())}


def table_of(printed: str) -> list[str]:
    begun = printed.splitlines()
    first = next(place for place, line in enumerate(begun) if line.startswith("| arm"))
    lines = begun[first : first + 2 + len(all_arms())]
    assert all(line.startswith("| ") for line in lines)
    return lines
