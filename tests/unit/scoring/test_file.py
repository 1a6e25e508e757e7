"""A file's rows get the scores that the stream's decisions have."""

from pathlib import Path

import httpx
import numpy as np
import pytest

from services.contracts.events import ModelIdentity
from services.kit.registry import Registry
from services.sample.files import write_sample
from services.scorecard.bundle import to_files
from services.scorecard.compatibility import bind
from services.scorecard.decide import decide
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import TableError, columns_of_batch, identifiers_of, read_batches
from services.scoring.cache import BundleCache
from services.scoring.file import NoChampionError, champion_of, score_file, scored
from tests.models import small_bundle
from tests.programs import python
from tests.registry import RegistryInMemory

CATALOGUE = standard_catalogue()
NAME = "octroi-scorecard"


@pytest.fixture
def registry() -> RegistryInMemory:
    filled = RegistryInMemory()
    filled.versions["4"] = to_files(small_bundle())
    filled.aliases["champion"] = "4"
    return filled


def seen_by_scoring(registry: RegistryInMemory) -> Registry:
    return Registry(httpx.Client(transport=registry, base_url="http://registry"), NAME)


def test_the_champion_of_the_registry_scores(registry: RegistryInMemory) -> None:
    champion = champion_of(seen_by_scoring(registry), CATALOGUE, threads=1)
    assert champion.identity == ModelIdentity(name=NAME, version="4", role="champion")


def test_without_the_registrys_word_nothing_is_scored(registry: RegistryInMemory) -> None:
    source = seen_by_scoring(registry)
    registry.versions["4"] = {"bundle.json": b"{}"}
    with pytest.raises(NoChampionError, match="octroi-scorecard version 4, cannot decide: bundle"):
        champion_of(source, CATALOGUE, threads=1)
    registry.aliases.clear()
    with pytest.raises(NoChampionError, match="the registry names no champion: train a model"):
        champion_of(source, CATALOGUE, threads=1)
    registry.page = "<html></html>"
    with pytest.raises(NoChampionError, match="does not answer as MLflow does"):
        champion_of(source, CATALOGUE, threads=1)


def test_a_champion_of_a_feature_that_is_defined_otherwise_scores_nothing(
    registry: RegistryInMemory,
) -> None:
    bundle = small_bundle()
    first, *others = bundle.features
    strange = (first.model_copy(update={"definition": "0" * 12}), *others)
    registry.versions["4"] = to_files(bundle.model_copy(update={"features": strange}))
    said = rf"octroi-scorecard version 4, cannot decide: .* \(defined otherwise: {first.name}\); roll out"
    with pytest.raises(NoChampionError, match=said):
        champion_of(seen_by_scoring(registry), CATALOGUE, threads=1)


def test_no_copy_scores_where_the_registry_is_away(tmp_path: Path) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    copies, output = BundleCache(tmp_path / "models" / NAME), tmp_path / "scores.csv"
    copies.keep("4", to_files(small_bundle()))
    copies.remember("champion", "4")
    ended = python(
        *("-m", "services.scoring.file", "--in", str(train), "--out", str(output)),
        OCTROI_MODEL_CACHE=str(tmp_path / "models"),
        OCTROI_MODEL_NAME=NAME,
        # Nobody listens on the reserved port.
        MLFLOW_TRACKING_URI="http://127.0.0.1:1",
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("the registry is away: ")
    assert "nothing is scored, as only the registry knows the champion" in ended.stderr
    assert not output.exists()


def test_scores_are_those_of_the_decisions(tmp_path: Path) -> None:
    write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    model = ready(small_bundle(), load_policy(), CATALOGUE)
    [applications] = read_batches(tmp_path / "application_train.csv")
    [scores] = scored([applications], model, CATALOGUE)
    matrix = CATALOGUE.compute(columns_of_batch(applications))[:, bind(model.required, CATALOGUE.features)]
    decisions = decide(model, matrix)
    assert scores["SK_ID_CURR"].to_pylist() == identifiers_of(applications).tolist()
    np.testing.assert_array_equal(scores["probability_of_default"], decisions.probabilities)
    np.testing.assert_array_equal(scores["score"], decisions.scores)
    assert tuple(scores["outcome"].to_pylist()) == decisions.outcomes


def test_the_output_is_replaced_by_a_whole_one_or_not_at_all(tmp_path: Path) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    model, output = ready(small_bundle(), load_policy(), CATALOGUE), tmp_path / "scores.csv"
    output.write_text("yesterday's")
    damaged = tmp_path / "damaged.csv"
    damaged.write_bytes(train.read_bytes() + b"no,application\n")
    with pytest.raises(TableError):
        score_file(damaged, output, model, CATALOGUE)
    assert output.read_text() == "yesterday's"
    assert score_file(train, output, model, CATALOGUE) == 200
    assert len(output.read_text().splitlines()) == 201
    assert {file for file in tmp_path.iterdir() if file.name.startswith(".")} == set()


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    header, output = tmp_path / "header.csv", tmp_path / "scores.csv"
    header.write_text(train.read_text().splitlines()[0] + "\n")
    with pytest.raises(TableError, match="no rows"):
        score_file(header, output, ready(small_bundle(), load_policy(), CATALOGUE), CATALOGUE)
    assert not output.exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("application_train.csv", "no file that could be replaced"),
        (".", "no file that could be replaced"),
        ("none/scores.csv", "none is no folder; make it"),
    ],
    ids=["the input", "a folder", "in no folder"],
)
def test_what_cannot_be_written_is_told_and_the_input_stays(
    tmp_path: Path, output: str, message: str
) -> None:
    train, _ = write_sample(tmp_path, rows=200, unlabelled=1, seed=1)
    before, model = train.read_bytes(), ready(small_bundle(), load_policy(), CATALOGUE)
    with pytest.raises(OSError, match=message):
        score_file(train, tmp_path / output, model, CATALOGUE)
    assert train.read_bytes() == before
