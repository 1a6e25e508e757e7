from typing import cast

from tests.benchmarks.by_engine import NOTE, engine_serving
from tests.benchmarks.chain import BESIDE
from tests.engine import RunningEngine


class Running:
    """An engine's programs, each with a process."""

    gateway = "http://127.0.0.1:1"

    def pids(self) -> dict[str, int]:
        names = ("gateway", "feature", "scoring", "ledger", "monitoring", "ui", "mlflow", *BESIDE)
        return {name: number for number, name in enumerate(names, start=1)}


def test_all_five_services_count_and_the_note_names_them() -> None:
    serving = engine_serving(cast("RunningEngine", Running()))
    assert serving.pids == (1, 2, 3, 4, 5)
    assert serving.beside == (8, 9)
    assert "gateway, feature, scoring, ledger, monitoring together" in NOTE
