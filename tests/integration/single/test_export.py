"""The champion of a real registry, exported to a folder."""

import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from services.scorecard.bundle import to_files
from services.scoring.sources import BundleFolder
from tests.integration.training.test_promotion import Model
from tests.models import small_bundle
from tests.programs import python

pytestmark = pytest.mark.mlflow


def export(model: Model, folder: Path) -> subprocess.CompletedProcess[str]:
    return python(
        *("-m", "services.scoring.export", "--out", str(folder)),
        MLFLOW_TRACKING_URI=model.uri,
        OCTROI_MODEL_NAME=model.name,
    )


def test_the_champion_is_exported_as_the_registry_has_it(mlflow_uri: str, tmp_path: Path) -> None:
    model = Model(mlflow_uri, f"model-{uuid4()}")
    model.ask("POST", "registered-models/create", name=model.name)
    ended = export(model, tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("the registry names no champion")
    files = to_files(small_bundle())
    version = model.add(files)
    model.point("champion", version)
    ended = export(model, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{model.name} version {version}: OCTROI_BUNDLE={tmp_path / version}\n"
    exported = BundleFolder(tmp_path / version, model.name)
    assert exported.aliases() == {"champion": version}
    assert exported.bundle_files(version) == files
