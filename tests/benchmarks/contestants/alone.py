"""Predictions and reasons without a server, by the engine's tables or by XGBoost."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xgboost

from services.scorecard.bundle import BOOSTER_FILE, Bundle, from_files
from services.scorecard.model import Model, ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.benchmarks.contestants.timing import Matrix, tell


def kinds(folder: Path) -> dict[str, Callable[[], Callable[[Matrix], object]]]:
    """Return how each kind is made ready."""
    return {
        "tables": lambda: _model(folder).explainer.explain,
        "tables-margins": lambda: _model(folder).explainer.margins,
        "inplace": lambda: _inplace(folder),
        "contributions": lambda: _contributions(folder),
    }


def _model(folder: Path) -> Model:
    return ready(_bundle(folder), load_policy(), standard_catalogue())


def _bundle(folder: Path) -> Bundle:
    return from_files({file.name: file.read_bytes() for file in folder.iterdir()})


def _inplace(folder: Path) -> Callable[[Matrix], object]:
    booster = _booster(folder)
    return lambda matrix: booster.inplace_predict(matrix, predict_type="margin", validate_features=False)


def _contributions(folder: Path) -> Callable[[Matrix], object]:
    booster = _booster(folder)
    return lambda matrix: booster.predict(
        xgboost.DMatrix(matrix, nthread=1), pred_contribs=True, validate_features=False
    )


def _booster(folder: Path) -> xgboost.Booster:
    return xgboost.Booster({"nthread": 1}, model_file=str(folder / BOOSTER_FILE))


if __name__ == "__main__":
    kind, bundle, matrix, rows = sys.argv[1:]
    tell(kinds(Path(bundle))[kind](), np.load(matrix), int(rows))
