"""Nothing that runs code while it is read is on the way of models to decisions."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services.monitoring.report_files import CurrentRows, write_window
from services.scorecard.bundle import (
    BOOSTER_FILE,
    METADATA_FILE,
    REFERENCE_FILE,
    BundleError,
    from_files,
    to_files,
)
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
from tests.models import small_bundle

PROGRAM = """
import importlib, pickle, sys

class Unpickled(Exception): ...

def refuse(*_, **__):
    raise Unpickled("something was unpickled")

pickle.load = pickle.loads = pickle.Unpickler = refuse
for name in sys.argv[2:]:
    importlib.import_module(name)
from pathlib import Path
from services.scorecard.bundle import from_files
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue
files = {path.name: path.read_bytes() for path in Path(sys.argv[1]).iterdir()}
ready(from_files(files), load_policy(), standard_catalogue())
print(sorted({"joblib", "cloudpickle", "dill", "skops", "mlflow", "xgboost", "sklearn"} & set(sys.modules)))
"""
SERVING = (
    *("services.gateway.__main__", "services.feature.__main__", "services.scoring.__main__"),
    *("services.ledger.__main__", "services.single.__main__", "services.monitoring.__main__"),
)


class Trap:
    """Makes a file where it is unpickled."""

    def __init__(self, sprung: Path) -> None:
        self._sprung = sprung

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._sprung,)


def test_a_model_is_loaded_and_ready_without_unpickling(tmp_path: Path) -> None:
    for name, content in to_files(small_bundle()).items():
        (tmp_path / name).write_bytes(content)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), *SERVING], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("file", [METADATA_FILE, BOOSTER_FILE, REFERENCE_FILE])
def test_a_pickle_in_a_file_of_a_bundle_is_refused_and_not_opened(tmp_path: Path, file: str) -> None:
    sprung = tmp_path / "sprung"
    files = to_files(small_bundle()) | {file: pickle.dumps(Trap(sprung))}
    with pytest.raises(BundleError, match=rf"{file}: .*; train and register the model again"):
        from_files(files)
    assert not sprung.exists()


def test_a_pickle_under_a_seal_of_its_own_is_not_opened_either(tmp_path: Path) -> None:
    """Whoever can write the metadata can seal anything: what is read must be harmless by its form."""
    sprung = tmp_path / "sprung"
    trap = pickle.dumps(Trap(sprung))
    bundle = small_bundle()
    booster = from_files(to_files(bundle.model_copy(update={"booster": trap})))
    with pytest.raises(ValueError, match="booster"):
        ready(booster, load_policy(), standard_catalogue())
    rows = CurrentRows("7", (), trap, np.empty((0, 0), np.float32))
    with pytest.raises(ValueError, match="no table of float32 numbers"):
        write_window(tmp_path / "window.npz", rows, threshold=0.1, least_rows=1)
    assert not sprung.exists()


@pytest.mark.parametrize("file", [BOOSTER_FILE, REFERENCE_FILE])
def test_one_changed_byte_breaks_the_seal(file: str) -> None:
    files = to_files(small_bundle().model_copy(update={"reference": b"some rows"}))
    changed = bytes((files[file][0] ^ 1,)) + files[file][1:]
    with pytest.raises(BundleError, match=rf"{file}: its sha256 is not [0-9a-f]{{64}}; train and register"):
        from_files(files | {file: changed})
    assert json.loads(files[METADATA_FILE])
