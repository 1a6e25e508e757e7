"""A comparison is refused where it would end in an error, and is never another code's."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import services
from services.scorecard.bundle import Costs
from services.scorecard.standard import standard_catalogue
from services.training.arms import Arm
from services.training.compare import Compared, Comparing, compare, drawn
from services.training.errors import TrainingError
from services.training.estimators import estimator, grid
from services.training.fit_trees import Fitting
from services.training.search import search

NAMES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "AGE_YEARS", "OCCUPATION_TYPE")
CATALOGUE = standard_catalogue()
DEFINITIONS = [CATALOGUE.definitions[CATALOGUE.names.index(name)] for name in NAMES]
FITTING = Fitting(trees=20, rate=0.75, seed=7, features=80, ridge=2000)
HOW = Comparing(quick=True, rows=1000, fitting=FITTING, folds=5, costs=Costs(), workers=1, scheduler=None)
KEY = """
from services.scorecard.bundle import Costs
from services.training.arms import Arm
from services.training.compare import Comparing, arm_key
from services.training.fit_trees import Fitting
how = Comparing(True, 1000, Fitting(20, 0.75, 7, 80, 2000), 5, Costs(), 1, None)
print(arm_key(Arm("xgboost"), "data", how))
"""


def rare(defaulters: int, rows: int = 1000) -> Compared:
    random = np.random.default_rng(1)
    matrix = random.integers(0, 5, (rows, len(NAMES))).astype(np.float32)
    return Compared(matrix, np.arange(rows) < defaulters, DEFINITIONS)


@pytest.mark.parametrize("folds", [2, 3, 5, 10])
def test_just_enough_of_the_rarer_kind_can_be_resampled(folds: int) -> None:
    how = replace(HOW, folds=folds)
    enough = next(number for number in range(1, 50) if not refused(rare(number), how))
    data = drawn(rare(enough), how)
    for arm in (Arm("logistic regression", balance="SMOTE"), Arm("accept everybody")):
        pipeline, points = estimator(arm, DEFINITIONS, FITTING), grid(arm, quick=True)
        told = (data.matrix, data.defaulted)
        found = search(arm, pipeline, points, *told, folds=folds, seed=7, costs=Costs(), workers=1)
        assert len(found.best.auc) == folds
    # One fewer is refused in a sentence, where the oversampling or the floor would have failed.
    with pytest.raises(TrainingError, match=rf"^--compared-rows 1000: .* and {enough} are needed"):
        compare(rare(enough - 1), how, print)


def refused(data: Compared, how: Comparing) -> bool:
    try:
        drawn(data, how)
    except TrainingError:
        return True
    return False


def test_a_sample_that_loses_the_rarer_kind_is_refused() -> None:
    assert len(drawn(rare(40, rows=5000), HOW).defaulted) == 1000
    with pytest.raises(TrainingError, match="4 of the rows that are compared are of the rarer kind"):
        drawn(rare(20, rows=5000), HOW)


def key_of(folder: Path) -> str:
    command = (sys.executable, "-c", KEY)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_an_arm_of_other_code_is_another_arm(tmp_path: Path) -> None:
    """Whether the edit is committed or not, and also where there is no repository."""
    (package,) = services.__path__
    shutil.copytree(package, tmp_path / "services", ignore=shutil.ignore_patterns("*.js", "__pycache__"))
    before = key_of(tmp_path)
    assert key_of(tmp_path) == before
    with (tmp_path / "services/training/estimators.py").open("a", encoding="utf-8") as source:
        source.write("\nRARE_WORDS = 40\n")
    assert key_of(tmp_path) != before
