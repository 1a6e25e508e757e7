from pathlib import Path

import pytest

from services.training.errors import TrainingError
from services.training.register import Registry


def test_a_full_disk_is_not_told_as_mlflow_being_away() -> None:
    with pytest.raises(TrainingError, match=r"^this machine does not let .* No space left .* TMPDIR$"):  # noqa: SIM117
        with Registry("http://127.0.0.1:1").asking("log the run"):
            Path("/dev/full").write_text("card", encoding="utf-8")
