import sys
from pathlib import Path

import pytest

from infra.local import commands, steps
from infra.local.engine import assemble
from infra.local.errors import LauncherError
from infra.local.settings import read_settings
from services.kit.registered_model import CANDIDATE_REFUSED


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (CANDIDATE_REFUSED, "no model has come of it: the gate refused the candidate"),
        (1, "the training failed (exit code 1)"),
    ],
)
def test_a_refused_candidate_is_told_apart_from_a_failed_training(
    code: int, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends = (sys.executable, "-c", f"raise SystemExit({code})")
    monkeypatch.setenv("OCTROI_STATE", str(tmp_path))
    monkeypatch.setattr(commands, "train", lambda *_arguments, **_options: ends)
    with pytest.raises(LauncherError) as error:
        steps.train(assemble(read_settings()), tmp_path)
    assert str(error.value) == told
