"""The engine's champion outside of the engine: its files, and the features that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import mlflow.xgboost
import numpy as np
import xgboost

from services.contracts.application import LoanApplication
from services.kit.registry import Registry
from services.scorecard.bundle import BOOSTER_FILE, Bundle, from_files
from services.scorecard.catalogue import Matrix
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.standard import standard_catalogue
from services.scorecard.table import Cells
from tests.engine import RunningEngine

FLAVOUR = "mlflow"
"""Folder of the booster as MLflow's own flavour keeps it."""


@dataclass(frozen=True, slots=True)
class Champion:
    """A bundle in a folder, beside it the booster as MLflow saves it."""

    folder: Path
    bundle: Bundle

    @property
    def booster(self) -> Path:
        """XGBoost's own JSON."""
        return self.folder / BOOSTER_FILE

    @property
    def flavour(self) -> Path:
        """What MLflow's runtime loads."""
        return self.folder.parent / FLAVOUR

    def features(self, rows: Sequence[Cells]) -> Matrix:
        """Compute what the booster reads of applications."""
        catalogue = standard_catalogue()
        places = bind(self.bundle.features, catalogue.features)
        columns = columns_of([LoanApplication.model_validate(row) for row in rows])
        return np.ascontiguousarray(catalogue.compute(columns)[:, places])


def fetch(engine: RunningEngine, folder: Path) -> Champion:
    """Bring the champion's files into `folder`."""
    with httpx.Client(base_url=engine.engine.mlflow.url) as client:
        registry = Registry(client, engine.engine.settings.model_name)
        files = registry.bundle_files(registry.aliases()["champion"])
    champion = Champion(folder / "bundle", from_files(files))
    champion.folder.mkdir(parents=True)
    for name, content in files.items():
        (champion.folder / name).write_bytes(content)
    booster = xgboost.Booster(model_file=str(champion.booster))
    mlflow.xgboost.save_model(booster, str(champion.flavour), pip_requirements=[], model_format="json")
    return champion
