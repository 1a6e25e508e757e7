"""The model without a server: how long a prediction takes, and its reasons, row by row and in batches."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from infra.local.settings import REPOSITORY
from services.scorecard.table import Cells
from tests.benchmarks.champion import Champion
from tests.benchmarks.contest import READY, Contestant, Measured
from tests.benchmarks.environments import SHAP

MODULES = "tests.benchmarks.contestants"
KINDS = {
    "octroi, margin and reasons": "tables",
    "octroi, margin": "tables-margins",
    "XGBoost, inplace_predict": "inplace",
    "XGBoost, pred_contribs": "contributions",
}


def contestants(champion: Champion, rows: Sequence[Cells], count: int) -> tuple[Contestant, ...]:
    """Return the engine's tables, XGBoost and shap; each predicts `count` rows at each batch size."""
    matrix = champion.folder.parent / "features.npy"
    np.save(matrix, champion.features(rows))

    def program(python: str, module: str, *arguments: str) -> Iterator[Measured]:
        return _told((python, "-m", f"{MODULES}.{module}", *arguments, str(matrix), str(count)))

    ours = tuple(
        Contestant(name, READY, partial(program, sys.executable, "alone", kind, str(champion.folder)))
        for name, kind in KINDS.items()
    )
    explainer = Contestant(
        "shap, TreeExplainer",
        READY,
        partial(program, SHAP.program("python"), "shapley", str(champion.booster)),
        SHAP.lacks,
    )
    return (*ours, explainer)


def _told(command: Sequence[str]) -> Iterator[Measured]:
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    for batch, microseconds in told["us"].items():
        yield Measured("time", "us/row", microseconds, f"{batch} at a time")
    yield Measured("processor", "s", told["processor"], "start included")
    yield Measured("memory, peak", "MB", told["memory"])
