"""The champion as monitoring follows it, on a real MLflow server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from infra.local.mlflow import Mlflow
from services.kit.registered_model import RegisteredModel
from services.monitoring.champion import Champion
from services.monitoring.summarising import summarise
from services.monitoring.windows import Window
from services.scorecard.bundle import BOOSTER_FILE, METADATA_FILE, Bundle, to_files
from services.scorecard.catalogue import Matrix
from services.scorecard.policy import load_policy
from tests.engine import free_port
from tests.integration.training.test_promotion import Model
from tests.models import small_bundle
from tests.parts import RunningPart, running_part
from tests.unit.monitoring.population import CATALOGUE, NOON, feature_records, observed_of

pytestmark = pytest.mark.mlflow


@contextmanager
def following(model: Model) -> Iterator[Champion]:
    settings = RegisteredModel.model_validate(
        {"MLFLOW_TRACKING_URI": model.uri, "OCTROI_MODEL_NAME": model.name}
    )
    champion = Champion(settings, load_policy(), CATALOGUE)
    yield champion
    champion.close()


def registered(uri: str) -> Model:
    model = Model(uri, f"model-{uuid4()}")
    model.ask("POST", "registered-models/create", name=model.name)
    return model


@pytest.fixture
def model(mlflow_uri: str) -> Model:
    return registered(mlflow_uri)


@pytest.fixture
def champion(model: Model) -> Iterator[Champion]:
    with following(model) as champion:
        yield champion


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[RunningPart, str]]:
    """An MLflow of the test's own, to be stopped and started again."""
    mlflow = Mlflow(tmp_path / "artifacts", free_port(), lambda: f"sqlite:///{tmp_path}/mlflow.db")
    with running_part(mlflow, tmp_path / "mlflow.log") as running:
        yield running, mlflow.url


def bundle(seed: int) -> Bundle:
    return small_bundle(seed=seed, threshold=seed / 100)


def seen(champion: Champion) -> tuple[str | None, float | None, str | None]:
    """Return the champion's version and threshold, and the challenger's version."""
    current = champion.current
    if current is None:
        return None, None, champion.challenger
    return current.version, current.bundle.threshold, champion.challenger


def test_the_aliases_are_followed_wherever_they_move(model: Model, champion: Champion) -> None:
    champion.refresh()
    assert seen(champion) == (None, None, None)
    versions = [model.add(to_files(bundle(seed))) for seed in (1, 2)]
    for moved, expected in (
        ({"champion": versions[0]}, (versions[0], 0.01, None)),
        ({"challenger": versions[1]}, (versions[0], 0.01, versions[1])),
        ({"champion": versions[1], "challenger": versions[0]}, (versions[1], 0.02, versions[0])),
        ({"champion": versions[0]}, (versions[0], 0.01, versions[0])),
    ):
        for alias, version in moved.items():
            model.point(alias, version)
        champion.refresh()
        assert seen(champion) == expected
    before = champion.current
    champion.refresh()
    assert champion.current is before


def test_a_model_that_nobody_has_registered_is_no_champion(mlflow_uri: str) -> None:
    with following(Model(mlflow_uri, f"model-{uuid4()}")) as champion:
        champion.refresh()
        assert seen(champion) == (None, None, None)


def damaged(files: dict[str, bytes], how: str) -> dict[str, bytes]:
    if how == "cut":
        return files | {BOOSTER_FILE: files[BOOSTER_FILE][:-1]}
    if how == "not JSON":
        return files | {METADATA_FILE: b"<html>"}
    if how == "no metadata":
        return {BOOSTER_FILE: files[BOOSTER_FILE]}
    metadata = json.loads(files[METADATA_FILE])
    if how == "another format":
        metadata["format_version"] = 99
    else:
        del metadata["reference_profile"]
    return files | {METADATA_FILE: json.dumps(metadata).encode()}


@pytest.mark.parametrize("how", ["cut", "not JSON", "no metadata", "another format", "no reference profile"])
def test_a_bundle_that_cannot_be_read_leaves_the_last_champion_and_the_next_one_is_followed(
    model: Model, champion: Champion, how: str
) -> None:
    good, next_one = (model.add(to_files(bundle(seed))) for seed in (1, 2))
    broken = model.add(damaged(to_files(bundle(3)), how))
    model.point("champion", broken)
    champion.refresh()
    assert seen(champion) == (None, None, None)
    model.point("champion", good)
    champion.refresh()
    model.point("champion", broken)
    model.point("challenger", next_one)
    champion.refresh()
    assert seen(champion) == (good, 0.01, next_one)
    model.point("champion", next_one)
    champion.refresh()
    assert seen(champion) == (next_one, 0.02, next_one)


def test_a_champion_without_monitored_features_is_watched_for_its_decisions(
    model: Model, champion: Champion, matrix: Matrix
) -> None:
    given = bundle(1)
    bare = given.reference_profile.model_copy(update={"features": ()})
    model.point("champion", model.add(to_files(given.model_copy(update={"reference_profile": bare}))))
    champion.refresh()
    watched = champion.current
    assert watched is not None
    rows = observed_of(champion, feature_records(matrix[:3]))
    tally = watched.features.count(
        np.array([row.values for row in rows]), np.array([row.unknown for row in rows])
    )
    window = Window(3, NOON, NOON, tally)
    told = summarise(
        watched, window, Window(0, None, None, None), at=NOON, window="1h", segment="all", threshold=0.1
    )
    assert (told.rows, told.features, told.drifted, watched.noise) == (3, (), 0, ())


def test_with_the_registry_away_all_stays_and_it_is_followed_again_when_it_is_back(
    server: tuple[RunningPart, str],
) -> None:
    running, uri = server
    model = registered(uri)
    versions = [model.add(to_files(bundle(seed))) for seed in (1, 2)]
    model.point("champion", versions[0])
    model.point("challenger", versions[1])
    with following(model) as champion, following(model) as started:
        champion.refresh()
        running.stop()
        champion.refresh()
        assert seen(champion) == (versions[0], 0.01, versions[1])
        started.refresh()
        assert seen(started) == (None, None, None)
        running.start()
        model.point("champion", versions[1])
        for each in (champion, started):
            each.refresh()
            assert seen(each) == (versions[1], 0.02, versions[1])
